not-sure = { $where ->
    [video] Videonuzda
   *[photo] Fotoğrafınızda
} ne olduğunu kesin olarak söyleyemiyorum. Adını söyleyebilir ya da daha yakından, daha aydınlık bir fotoğraf gönderebilir misiniz?
unreadable = Fotoğrafınızı açamadım. Yeniden gönderebilir ya da konuyu yazıyla anlatabilir misiniz?
which = Hangi ürünü kastettiğinizi anlayamadım. Adını söyleyebilir ya da fotoğrafını gönderebilir misiniz?
more = Anladığımdan emin değilim. Biraz daha anlatabilir misiniz?
more-titles = Anladığımdan emin değilim. Bunlardan biriyle mi ilgili? Değilse lütfen biraz daha anlatın.
which-title = Bunlardan hangisi? Dokunun ya da numarasını söyleyin. Yoksa ekibimizden birini mi çağırayım?
something-else = Başka bir şey mi demek istediniz? Aşağıdan seçin ya da biraz daha anlatın.
sorry = Üzgünüm, aradığınız bu değildi. Başka sözcüklerle söyleyebilir misiniz? Ya da ekibimizden birini çağırabilirim.
doubted = Şuna dayanıyorum:
off_topic = Bu konuda yardımcı olamam: yalnızca mağazamızın yardım sayfalarında yazanları bilirim. Mağazayla ilgili başka bir konuda yardımcı olabilir miyim? Ekibimizden biri de yardımcı olabilir.
language = Üzgünüm, yardım sayfalarımız sizin dilinizde yok ve onlarda bu dilde arama yapamıyorum. Ekibimizden biri size yardımcı olabilir.
danger = Ben yalnızca bir mağazanın otomatik yardımcısıyım ve size hak ettiğiniz gibi yardım edemem. Lütfen şimdi biriyle konuşun: acil yardım hattı, bir destek hattı ya da yakınınızdaki biri. Ekibimizden biri de size buradan yazabilir.
unknown = Üzgünüm, buna bir yanıt bulamıyorum. Ekibimizden birini çağırayım mı?
person = Elbette. Sizi ekibimizden birine aktarıyorum.
declined = Peki. Başka bir şey olursa sormanız yeterli.
greeting = Merhaba! Mağazamızla ilgili her şeyi sorabilir ya da konuyla ilgili bir fotoğraf gönderebilirsiniz.
ok = Peki. Başka bir şey var mı?
thanks = Rica ederim! Başka bir şey var mı?
bye = Hoşça kalın, iyi günler!
how_are_you = İyiyim, teşekkürler! Sizin için ne yapabilirim?
who_are_you = Ben mağazanın otomatik yardımcısıyım. Yardım sayfalarımızdan yanıt veririm, fotoğraflara bakabilirim ve ekibimizden birini çağırabilirim.
offer = Ekibimizden birini çağırayım mı?
not-found = Ancak yardım sayfalarımızda bununla ilgili bir şey bulamıyorum.
what-about-it = Ne öğrenmek istersiniz?
care = Sağlığınız söz konusuysa lütfen bana güvenmeyin: ambalajda yazanları okuyun, emin değilseniz bir hekime sorun.
not-that-point = { $titles } yardım sayfamızda tam olarak bunu bulamıyorum, ama orada şöyle yazıyor:
left-open = “{ $question }” sorusuna bir yanıt bulamıyorum.
other-language = Yardım sayfamız başka bir dilde; şöyle yazıyor:
title = “{ $title }”
and = { $first } ve { $second }
choice-one = { $where ->
    [video] Videodan
   *[photo] Fotoğraftan
} emin olamıyorum. { $first } mi?
choice-two = { $where ->
    [video] Videodan
   *[photo] Fotoğraftan
} emin olamıyorum. { $first } mi, { $second } mi?
scene = { $where ->
    [video] Videonuzda
   *[photo] Fotoğrafınızda
} şunu görüyorum: { $caption }.
noted = { $name }, teşekkürler.
damage = Hasar görüyorum: { $name }.
that-is = Bu { $name }.
looks-like = Bu { $name } gibi görünüyor.
coloured = { $name } ({ $colour })
kind-receipt = bir fiş
kind-screenshot = bir ekran görüntüsü
kind-document = bir belge
kind-code = bir barkod ya da karekod
read = { $where ->
    [video] Videonuzda
   *[photo] Fotoğrafınızda
} okuduklarım: { $items }.
read-error_code = hata kodu { $value }
read-tracking = kargo { $value }
read-order = sipariş { $value }
read-invoice = fiş numarası { $value }
read-date = { $value }
read-total = toplam { $value }
read-serial = seri numarası { $value }
read-imei = IMEI { $value }
read-gtin = ürün numarası { $value }
