not-sure = Ich kann nicht sicher erkennen, was auf Ihrem { $where ->
    [video] Video
   *[photo] Foto
} zu sehen ist. Können Sie mir sagen, wie es heißt, oder ein näheres, helleres Foto schicken?
unreadable = Ich konnte Ihr Foto nicht öffnen. Können Sie es noch einmal schicken oder mir in Worten sagen, worum es geht?
which = Ich weiß nicht, welches Produkt Sie meinen. Können Sie mir den Namen sagen oder ein Foto davon schicken?
more = Ich bin nicht sicher, ob ich Sie verstanden habe. Können Sie mir etwas mehr sagen?
more-titles = Ich bin nicht sicher, ob ich Sie verstanden habe. Geht es um eines davon? Wenn nicht, sagen Sie mir bitte etwas mehr.
which-title = Welches davon ist es? Tippen Sie darauf oder nennen Sie die Nummer. Oder soll ich jemanden aus unserem Team holen?
something-else = Haben Sie etwas anderes gemeint? Dann wählen Sie es unten aus oder schreiben Sie mir mehr.
sorry = Entschuldigung, das war nicht, was Sie gesucht haben. Können Sie es anders sagen? Oder ich hole jemanden aus unserem Team.
doubted = Darauf stütze ich mich:
off_topic = Dabei kann ich nicht helfen: Ich weiß nur, was auf den Hilfeseiten unseres Ladens steht. Kann ich sonst etwas rund um den Laden für Sie tun? Auch jemand aus unserem Team kann helfen.
language = Es tut mir leid, unsere Hilfeseiten gibt es nicht in Ihrer Sprache, und ich kann sie darin nicht durchsuchen. Jemand aus unserem Team kann Ihnen helfen.
danger = Ich bin nur der automatische Assistent eines Ladens und kann hier nicht so helfen, wie Sie es verdienen. Bitte sprechen Sie jetzt mit jemandem: dem Notruf, der Telefonseelsorge oder einem Menschen, der Ihnen nahesteht. Auch jemand aus unserem Team kann Ihnen hier schreiben.
unknown = Es tut mir leid, darauf finde ich keine Antwort. Soll ich jemanden aus unserem Team holen?
person = Natürlich. Ich verbinde Sie mit jemandem aus unserem Team.
declined = In Ordnung. Fragen Sie einfach, wenn noch etwas ist.
greeting = Hallo! Fragen Sie mich alles rund um unseren Laden, oder schicken Sie mir ein Foto davon, worum es geht.
ok = Gut. Kann ich sonst noch etwas tun?
thanks = Gern geschehen! Kann ich sonst noch etwas tun?
bye = Auf Wiedersehen und einen schönen Tag!
how_are_you = Gut, danke! Was kann ich für Sie tun?
who_are_you = Ich bin der automatische Assistent des Ladens. Ich antworte nach unseren Hilfeseiten, kann Fotos ansehen und hole auf Wunsch jemanden aus unserem Team.
offer = Soll ich jemanden aus unserem Team holen?
not-found = Auf unseren Hilfeseiten finde ich dazu allerdings nichts.
what-about-it = Was möchten Sie wissen?
care = Bitte verlassen Sie sich nicht auf mich, wenn es um Ihre Gesundheit geht: Lesen Sie, was auf der Packung steht, und fragen Sie im Zweifel einen Arzt.
not-that-point = Genau diesen Punkt finde ich auf unserer Hilfeseite { $titles } nicht, aber dort steht:
left-open = Auf „{ $question }“ finde ich keine Antwort.
other-language = Unsere Hilfeseite ist in einer anderen Sprache; dort steht:
title = „{ $title }“
and = { $first } und { $second }
choice-one = Das kann ich auf dem { $where ->
    [video] Video
   *[photo] Foto
} nicht sicher erkennen. Ist es { $first }?
choice-two = Das kann ich auf dem { $where ->
    [video] Video
   *[photo] Foto
} nicht sicher erkennen. Ist es { $first } oder { $second }?
scene = Auf Ihrem { $where ->
    [video] Video
   *[photo] Foto
} sehe ich: { $caption }.
noted = { $name }, danke.
damage = Ich sehe einen Schaden: { $name }.
that-is = Das ist { $name }.
looks-like = Das sieht nach { $name } aus.
coloured = { $name } ({ $colour })
kind-receipt = ein Kassenbon
kind-screenshot = ein Bildschirmfoto
kind-document = ein Dokument
kind-code = ein Strichcode oder QR-Code
read = Auf Ihrem { $where ->
    [video] Video
   *[photo] Foto
} lese ich: { $items }.
read-error_code = Fehlercode { $value }
read-tracking = Sendung { $value }
read-order = Bestellung { $value }
read-invoice = Belegnummer { $value }
read-date = { $value }
read-total = Summe { $value }
read-serial = Seriennummer { $value }
read-imei = IMEI { $value }
read-gtin = Artikelnummer { $value }
