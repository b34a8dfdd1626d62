# Müşterilerin okudukları. Ekip mağazanın dilini (BOT_LANGUAGE) ya da İngilizce okur.
start = Merhaba { $name }! Ben { $shop } yardımcısıyım: mağazayla ilgili her şeyi sorabilir ya da sorunuzla birlikte bir fotoğraf gönderebilirsiniz.

    Fotoğraflara yalnızca mağazanın kendi bilgisayarı bakar, başka hiçbir şirket bakmaz; sonra silinirler. Yazdıklarımız { $days } gün saklanır ki ben hatırlayayım ve ekibimiz yardım edebilsin. Yazarak bunu kabul edersiniz. /privacy tamamını anlatır, /forget hepsini siler.

    Bizden biriyle konuşmak isterseniz “bir insanla görüşmek istiyorum” yazın. /help daha fazlasını söyler.
consent-button = Tamam
consent-thanks = Teşekkürler!
help = Burada yapabilecekleriniz:

    • Bir soru sorun, örneğin “siparişim ne zaman gelir?”
    • Bir fotoğraf gönderip içindekini sorun, örneğin “bu ne kadar dayanır?” Video da olur: ilk dakikanın en çok sekiz anına, sessiz bakarım.
    • “bir insanla görüşmek istiyorum” ya da /person yazın, ekipten biri devralır.

    /language yanıt verdiğim dili seçer. /reset konuşmamızı unutturur ve yeniden başlatır. /privacy hakkınızda ne saklandığını söyler, /export size gönderir, /forget siler.
reset = Tamam: ne konuştuğumuzu unuttum. Nasıl yardımcı olabilirim?
language-ask = Sizinle hangi dilde konuşayım? Soruları zaten çoğunda anlarım.
language-set = Peki, Türkçe konuşalım.
command-unknown = { $command } komutunu bilmiyorum. Neler yapabildiğimi /help söyler.
transfer = Sizi, konuştuklarımızla birlikte ekibimizden birine aktarıyorum. Yanıt buradan gelecek. O zamana dek karışmıyorum; /reset beni geri getirir.
nobody = Sizi memnuniyetle bir insana aktarırdım, ama bu sohbetten ekipten kimseye ulaşılamıyor. Üzgünüm; yalnızca yardım sayfalarımızda yazanlarla yardımcı olabilirim.
returned = Geri geldim: ekibimiz konuşmayı bana verdi. Sizin için başka ne yapabilirim?
returned-idle = Burası bir süredir sessizdi, bu yüzden yine ben yanıtlıyorum. Sorunuz hâlâ açıksa yazın ya da bir insan isteyin.
transfer-later = Sizi, konuştuklarımızla birlikte ekibimizden birine aktarıyorum. Şu an kimse yok; { $when } dönecekler ve buradan yanıt verecekler. O zamana dek karışmıyorum; /reset beni geri getirir.
when = { $day ->
    [today] bugün
    [1] { $date } pazartesi
    [2] { $date } salı
    [3] { $date } çarşamba
    [4] { $date } perşembe
    [5] { $date } cuma
    [6] { $date } cumartesi
   *[7] { $date } pazar
} { $time } ({ $zone })
joined = Ekibimizden { $agent } katıldı ve bundan sonra yanıtlıyor.
still-waiting = Unutulmadınız: ekibimize bir kez daha sordum. Buradan yanıt verecekler.
closed = Ekibimiz bu konuşmayı kapattı. Nasıldık? Açık kalan bir şey varsa yeniden yazın.
rated = Puanınız için teşekkürler: 5 üzerinden { $stars }.
person-button = Bir insanla görüşmek istiyorum
agent-says = { $agent }: { $text }
translation = 🌐 Makine çevirisi: { $text }
agent-team = Ekibimiz
privacy = { $shop } hakkınızda ne saklar. Sözler ve görülenler şifrelidir; tarihler, numaralar ve saklamamıza izin verdiğiniz fotoğraflar değildir.

    • Telegram'ın verdiği adınız, @adınız ve diliniz: /forget diyene dek.
    • Yazdıklarımız: { $history } gün.
    • Fotoğraf, video ve sesli mesajlarınız: yalnızca bilgisayarımız bakana dek, en çok birkaç dakika; bir şeyin gizlenmesi gerektiyse bulanık kopya { $safe } gün; dosya olarak gönderilen bir resmin, kameranın içine yazdıkları (örneğin yer) çıkarılmış kopyası da o kadar. Hangisi olduğu ve üzerinde ne görüldüğü: { $photos } gün.
    • Doldurduğunuz bir form: gönderene ya da iptal edene dek, en çok { $intake } gün. Gönderdiğinizde ekibimiz onu fotoğrafların kopyalarıyla bir belge olarak alır; burada o kopyalar { $safe } gün kalır.
    • Size bir insan yardım ettiyse: kartında yazanlar, { $case } gün. O andan sonra yazdıklarınızı görür.
    • Bir şeyin olduğu (yanıtlanan soru, istenen insan, puan), rastgele bir adla: 400 gün.
    • Öğrenmek için fotoğraflar: yalnızca tek tek evet dedikleriniz, /forget diyene dek.

    { $model ->
        [none] Bunlardan hiçbirini { $shop } dışında kimse almaz; iletilerimizi taşıyan Telegram dışında.
       *[other] Bunlardan hiçbirini { $shop } dışında kimse almaz; iletilerimizi taşıyan Telegram ve yanıtlarımı seçen ve sizinle ekibimiz arasında çeviri yapan dil modeli { $model } dışında: ona sizin ve ekibimizin yazdıkları ve fotoğrafta görülen ya da okunanlar verilir, fotoğraf asla verilmez.
    } Mağazanın teknik kayıtlarında Telegram numaranız vardır, sözleriniz yoktur. /export her şeyi size gönderir, /forget siler.
export = Hakkınızda saklanan her şey. Dosya herhangi bir metin düzenleyiciyle okunabilir.
export-wait = Son bir saat içinde her şeyi aldınız: yukarıdaki dosyada. Bir saat geçince yeniden isteyin.
forget-sure = Sizi unutayım mı? Hakkınızda saklanan her şey silinir: yazdıklarımız, fotoğraflarınız, ekibimizin gördükleri. Şu an bir insan yardım ediyorsa o da biter.
forget-yes = Evet, hepsini unut
forget-no = Hayır, kalsın
forget-kept = Peki, hiçbir şey silinmedi.
forgotten = Tamam. Burada artık hakkınızda hiçbir şey saklanmıyor, ekibimizin sizinle konuşması da silindi.

    Silemediklerim: Telegram'daki bu sohbetin iletileri (sohbeti kendiniz temizleyebilirsiniz), bir şeyin kaç kez olduğu (adınız olmadan) ve yenilenene dek teknik kayıtlarla yedeklerdeki Telegram numaranız. Bıraktığınız bir fotoğraftan öğrenilen öğrenilmiş kalır.
keep-ask = Bir çalışma arkadaşım fotoğrafınızda şunun olduğunu söylüyor: { $label }. Ben yanılmıştım. Öğrenmem için fotoğrafı saklayabilir miyiz? Başka hiçbir şey için kullanılmaz; /forget onu siler, ama o zamana dek öğrenileni silmez.
keep-yes = Evet, saklayın
keep-no = Hayır
kept-thanks = Teşekkürler! Fotoğraf öğrenmek için saklanıyor. /forget siler.
kept-not = Peki, fotoğraf saklanmıyor.
kept-gone = Teşekkürler, ama o fotoğrafa artık ulaşamıyorum; hiçbir şey saklanmadı.
photo-empty = O dosya boştu. { $what ->
    [video] Videoyu
   *[photo] Fotoğrafı
} yeniden gönderebilir misiniz?
photo-too_large = { $what ->
    [video] Bu video benim için çok büyük: 20 MB ve 4096 × 2160'a kadar görüntü alabilirim. Daha kısa ya da küçük bir video veya önemli yerin fotoğrafını gönderebilir misiniz?
   *[photo] Bu resim açamayacağım kadar büyük. Normal fotoğraf olarak ya da daha küçüğünü gönderebilir misiniz?
}
photo-not_an_image = { $what ->
    [video] Bu videoda görüntü yok ve ben duyamıyorum. Bir fotoğraf gönderebilir ya da konuyu yazabilir misiniz?
   *[photo] Bu dosyayı resim olarak açamadım. Bir fotoğraf (JPEG ya da PNG) gönderebilir misiniz?
}
photo-truncated = { $what ->
    [video] Video
   *[photo] Fotoğraf
} eksik geldi. Yeniden gönderebilir misiniz?
photo-unreadable = { $what ->
    [video] Bu videoyu açamadım. Önemli yerin fotoğrafını gönderebilir ya da konuyu yazıyla anlatabilir misiniz?
   *[photo] Bu fotoğrafı açamadım. Yeniden gönderebilir ya da konuyu yazıyla anlatabilir misiniz?
}
photo-unavailable = Şu an { $what ->
    [video] videolara
   *[photo] fotoğraflara
} bakamıyorum. Konuyu yazıyla anlatabilir ya da bir insan isteyebilir misiniz?
photo-not-downloaded = { $what ->
    [video] Videonuzu
   *[photo] Fotoğrafınızı
} Telegram'dan alamadım. Yeniden gönderebilir misiniz?
film-part = Videonuzun yalnızca ilk { $seconds } saniyesinin anlarına baktım. Önemli yer başka bir andaysa fotoğrafını gönderebilir misiniz?
photo-sensitive = { $what ->
    [video] Videonuzda
   *[photo] Fotoğrafınızda
} { $kinds } görünüyor gibi. Onu gizledim ve yalnızca gizli kopyayı saklıyorum; burada kimse görmüyor. Güvenlik için bu sohbetteki { $what ->
    [video] videoyu
   *[photo] fotoğrafı
} da silin lütfen.
sensitive = { $type ->
    [card] bir ödeme kartının numarası
    [iban] bir banka hesap numarası
    [mrz] bir kimlik belgesi
    [licence] bir sürücü belgesi
    [wifi] bir Wi-Fi parolası
    [otp] tek kullanımlık parolanın sırrı
   *[other] özel bir şey
}
list-and = { $items }
flaw-too_small = { $what ->
    [video] Videonuzdaki
   *[photo] Fotoğrafınızdaki
} yazı okuyamayacağım kadar küçük. Etiket görüntüyü dolduracak kadar yaklaşabilir misiniz?
flaw-blurred = { $what ->
    [video] Videonuz
   *[photo] Fotoğrafınız
} bulanık. Kamerayı sabit tutup netlemek için yazıya dokunup yeniden dener misiniz?
flaw-dark = { $what ->
    [video] Videonuz
   *[photo] Fotoğrafınız
} benim için çok karanlık. Işığı ya da flaşı açıp yeniden dener misiniz?
flaw-overexposed = { $what ->
    [video] Videonuz
   *[photo] Fotoğrafınız
} çok parlak: yazı okunmuyor. Işıktan çevirip yeniden dener misiniz?
flaw-cut_off = Yazının bir bölümü kenarda kesilmiş. Tamamı sığsın diye biraz geri çekilir misiniz?
text-foreign = { $what ->
    [video] Videonuzda
   *[photo] Fotoğrafınızda
} okuyamadığım bir yazıyla metin var, bu yüzden tahmin etmiyorum. Ne yazdığını yazabilir ya da bir insan isteyebilir misiniz?
text-late = { $what ->
    [video] Videonuzdaki
   *[photo] Fotoğrafınızdaki
} yazının tümünü okuyamadım. Önemli yeri daha yakından gönderebilir ya da o satırı yazabilir misiniz?
text-crashed = { $what ->
    [video] Videonuzdaki
   *[photo] Fotoğrafınızdaki
} yazıyı okuyamadım. Yeniden gönderebilir ya da önemli satırı yazabilir misiniz?
unsupported = Metin okuyabilir, fotoğraf ve videolara bakabilirim, ama { $kind ->
    [voice] sesli iletileri değil
    [sticker] çıkartmaları değil
    [drawn] bu tür hareketli çıkartmaları değil; onları yalnızca Telegram oynatabilir
    [document] resim olmayan dosyaları değil
   *[other] bu tür iletileri değil
}. Yazabilir ya da bir fotoğraf gönderebilir misiniz?
too-long = Bu çok uzun bir metin ({ $length } karakter). Sorunuzu { $limit } karakterin altında sorabilir misiniz?
failed = Son iletinizde bizim tarafımızda bir şey ters gitti. Ekibimize ilettim; buradan yanıt verecekler.
failed-alone = Son iletinizde bizim tarafımızda bir şey ters gitti. Yeniden dener misiniz?

voice-heard = Şunu duydum: “{ $text }”
voice-not-heard = { $why ->
    [long] Mesajınız iki dakikadan uzun. Daha kısa söyler misiniz ya da yazar mısınız?
    [silent] Bunda ses duymadım. Mikrofona yakın tekrar söyler misiniz ya da yazar mısınız?
    [noise] Bundaki sözleri anlayamadım. Daha sessiz bir yerde tekrarlar mısınız ya da yazar mısınız?
    [unreadable] Bu kaydı açamadım. Yeniden gönderir misiniz ya da yazar mısınız?
   *[late] Bunu zamanında dinleyemedim. Daha kısa söyler misiniz ya da yazar mısınız?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Adım adım gidelim: { $title }. Arada istediğinizi sorun; “iptal” bitirir.
form-took = Gönderdiklerinizden şunları aldım:
    { $facts }
form-ask = { $type ->
    [number] { $label }? Lütfen bir sayı gönderin.
    [date] { $label }? Lütfen bir gün gönderin, örneğin { $example }.
    [order] { $label }? Fişinizde ya da kolide yazar; fotoğrafı da yeter.
    [choice] { $label }? Lütfen seçin.
    [photo] { $label }: lütfen bir fotoğraf gönderin.
   *[text] { $label }? Lütfen kendi sözlerinizle yazın.
}
form-wrong = { $why ->
    [number] Burada tek bir sayı gerekiyor.
    [range] Bu sayı olamaz: { $least } ile { $most } arasında olmalı.
    [date] Bunda bir gün bulamadım.
    [past] O gün henüz gelmedi.
    [future] O gün geçti.
    [order] Bu öyle bir numaraya benzemiyor: içinde rakam olur, boşluk olmaz.
    [choice] Lütfen bunlardan birini seçin.
    [photo] Burada bir fotoğraf gerekiyor.
   *[empty] Bunda cevabı bulamadım.
}
form-line = • { $label }: { $value }
form-required = Ekibimiz bunsuz yapamaz.
form-skip = Atla
form-cancel = Formu iptal et
form-later = Sonra
form-resume = ▶️ Devam: { $title }
form-summary = “{ $title }”, bende şöyle:

    { $lines }

    Doğru mu? Öyleyse ekibimize gönderin.
form-send = ✅ Ekibe gönder
form-change = Bir şeyi değiştir
form-change-which = Neyi değiştireyim?
form-cancelled = Peki, hiçbir şey gönderilmedi, doldurduklarınız silindi.
form-paused = Peki. Form olduğu gibi kalıyor; istediğinizde devam edin.
form-back = “{ $title }” formuna dönelim:
form-sent = Teşekkürler! “{ $title }” doldurduğunuz her şeyle ekibimize gidiyor.
form-gone = O form artık açık değil.
form-choose = Konu nedir?
form-none = Burada doldurulacak bir şey yok. Konuyu yazmanız yeter.
form-skip-words = atla, geç, bilmiyorum
form-cancel-words = iptal, iptal et, formu iptal et
form-later-words = sonra, daha sonra, şimdi değil
form-send-words = gönder, yolla
form-change-words = değiştir, düzelt, bir şeyi değiştir
form-yesterday = dün
form-today = bugün
form-tomorrow = yarın
