# What customers read. Agents read the shop's language (BOT_LANGUAGE), or English.
start = Hallo { $name }! Hier ist der Assistent von { $shop }: Fragen Sie mich alles rund um den Laden, oder schicken Sie mir ein Foto mit Ihrer Frage dazu.

    Fotos sieht sich der Computer des Ladens selbst an, keine andere Firma, und danach werden sie gelöscht. Was wir schreiben, wird { $days } Tage aufbewahrt, damit ich mich erinnere und unser Team helfen kann. Wenn Sie schreiben, sind Sie damit einverstanden. /privacy sagt es genau, /forget löscht alles.

    Schreiben Sie „mit einem Menschen sprechen“, wann immer Sie lieber mit einem von uns reden. /help sagt mehr.
consent-button = In Ordnung
consent-thanks = Danke!
help = Was Sie hier tun können:

    • Stellen Sie eine Frage, etwa „Wann kommt meine Bestellung?“
    • Schicken Sie ein Foto und fragen Sie, was darauf ist, etwa „Wie lange hält sich das?“ Ein Video geht auch: Ich sehe mir bis zu acht Augenblicke der ersten Minute an, ohne Ton.
    • Schreiben Sie „mit einem Menschen sprechen“ oder /person, und jemand aus dem Team übernimmt.

    /language wählt die Sprache, in der ich antworte. /reset lässt mich unser Gespräch vergessen und fängt neu an. /privacy sagt, was über Sie gespeichert ist, /export schickt es Ihnen, /forget löscht es.
reset = Erledigt: Ich habe vergessen, worüber wir gesprochen haben. Wie kann ich helfen?
language-ask = In welcher Sprache soll ich mit Ihnen sprechen? Fragen verstehe ich ohnehin in den meisten.
language-set = Gut, dann auf Deutsch.
command-unknown = { $command } kenne ich nicht. /help sagt, was ich kann.
transfer = Ich gebe Sie an jemanden aus unserem Team weiter, mit dem, was wir besprochen haben. Die Antwort kommt genau hier. Bis dahin halte ich mich heraus; /reset holt mich zurück.
nobody = Ich würde Sie gern an einen Menschen weitergeben, aber über diesen Chat ist niemand aus dem Team erreichbar. Es tut mir leid; ich kann nur mit dem helfen, was auf unseren Hilfeseiten steht.
returned = Ich bin wieder da: Unser Team hat mir das Gespräch zurückgegeben. Was kann ich sonst für Sie tun?
returned-idle = Hier war es eine Weile still, darum antworte ich wieder. Ist Ihre Frage noch offen, schreiben Sie sie einfach, oder bitten Sie um einen Menschen.
transfer-later = Ich gebe Sie an jemanden aus unserem Team weiter, mit dem, was wir besprochen haben. Gerade ist niemand da; das Team ist { $when } zurück und antwortet genau hier. Bis dahin halte ich mich heraus; /reset holt mich zurück.
when = { $day ->
    [today] heute
    [1] am Montag, { $date }
    [2] am Dienstag, { $date }
    [3] am Mittwoch, { $date }
    [4] am Donnerstag, { $date }
    [5] am Freitag, { $date }
    [6] am Samstag, { $date }
   *[7] am Sonntag, { $date }
} um { $time } Uhr ({ $zone })
joined = { $agent } aus unserem Team ist dazugekommen und antwortet ab jetzt.
still-waiting = Sie sind nicht vergessen: Ich habe unser Team noch einmal gefragt. Die Antwort kommt genau hier.
closed = Unser Team hat dieses Gespräch beendet. Wie waren wir? Ist noch etwas offen, schreiben Sie einfach wieder.
rated = Danke für Ihre Bewertung: { $stars } von 5.
person-button = Mit einem Menschen sprechen
agent-says = { $agent }: { $text }
translation = 🌐 Von einer Maschine übersetzt: { $text }
agent-team = Unser Team
privacy = Was { $shop } über Sie aufbewahrt. Worte und was gesehen wurde sind verschlüsselt; Daten, Nummern und Fotos, die Sie uns überlassen, nicht.

    • Name, @Name und Sprache, wie Telegram sie angibt: bis Sie /forget sagen.
    • Was wir geschrieben haben: { $history } Tage.
    • Ihre Fotos, Videos und Sprachnachrichten: nur, bis unser Computer sie angesehen hat, höchstens Minuten. Musste etwas verdeckt werden, die unkenntliche Kopie { $safe } Tage, und ebenso lang von einem als Datei geschickten Bild eine Kopie ohne das, was die Kamera hineingeschrieben hat, etwa den Ort. Welches es war und was darauf zu sehen war: { $photos } Tage.
    • Ein Formular, das Sie ausfüllen: bis Sie es schicken oder abbrechen, höchstens { $intake } Tage. Schicken Sie es, bekommt es unser Team als Dokument mit Kopien der Fotos; hier bleiben diese Kopien { $safe } Tage.
    • Hat Ihnen ein Mensch geholfen: was auf dessen Karte steht, { $case } Tage. Er sieht, was Sie ab dann schreiben.
    • Dass etwas geschah (eine Frage beantwortet, um einen Menschen gebeten, eine Bewertung), unter einem zufälligen Namen: 400 Tage.
    • Fotos zum Lernen: nur die, zu denen Sie ja sagen, einzeln, bis Sie /forget sagen.

    { $model ->
        [none] Außer { $shop } bekommt niemand etwas davon, außer Telegram, das unsere Nachrichten überbringt.
       *[other] Außer { $shop } bekommt niemand etwas davon, außer Telegram, das unsere Nachrichten überbringt, und { $model }, ein Sprachmodell, das meine Antworten aussucht und zwischen Ihnen und unserem Team übersetzt: Es bekommt, was Sie und unser Team schreiben und was auf einem Foto gesehen oder gelesen wurde, nie das Foto.
    } Die technischen Protokolle des Ladens enthalten Ihre Telegram-Nummer, keine Worte. /export schickt Ihnen alles, /forget löscht es.
export = Alles, was über Sie gespeichert ist. Die Datei lässt sich mit jedem Textprogramm lesen.
export-wait = Sie haben in dieser Stunde schon alles bekommen: Es steht in der Datei weiter oben. Fragen Sie eine Stunde danach noch einmal.
forget-sure = Soll ich Sie vergessen? Alles über Sie wird gelöscht: was wir geschrieben haben, Ihre Fotos, was unser Team davon sieht. Hilft Ihnen gerade ein Mensch, endet auch das.
forget-yes = Ja, alles vergessen
forget-no = Nein, behalten
forget-kept = Gut, es wurde nichts gelöscht.
forgotten = Erledigt. Hier ist nichts mehr über Sie gespeichert, und das Gespräch unseres Teams mit Ihnen ist gelöscht.

    Was ich nicht löschen kann: die Nachrichten dieses Chats bei Telegram (den Chat können Sie selbst leeren), wie oft etwas geschah (ohne Ihren Namen) und Ihre Telegram-Nummer in technischen Protokollen und Sicherungen, bis diese erneuert sind. Was aus einem überlassenen Foto gelernt wurde, bleibt gelernt.
keep-ask = Ein Kollege sagt, Ihr Foto zeigt: { $label }. Das hatte ich falsch. Dürfen wir das Foto behalten, damit ich daraus lerne? Es wird für nichts anderes verwendet; /forget löscht es, aber nicht, was bis dahin daraus gelernt wurde.
keep-yes = Ja, behalten
keep-no = Nein
kept-thanks = Danke! Das Foto wird zum Lernen aufbewahrt. /forget löscht es.
kept-not = Gut, das Foto wird nicht aufbewahrt.
kept-gone = Danke, aber ich komme nicht mehr an das Foto; es wurde nichts aufbewahrt.
photo-empty = Die Datei war leer. Können Sie { $what ->
    [video] das Video
   *[photo] das Foto
} noch einmal schicken?
photo-too_large = { $what ->
    [video] Das Video ist mir zu groß: Ich kann 20 MB und Bilder bis 4096 × 2160 annehmen. Können Sie ein kürzeres oder kleineres schicken, oder ein Foto davon, worauf es ankommt?
   *[photo] Das Bild ist zu groß, um es zu öffnen. Können Sie es als gewöhnliches Foto schicken, oder ein kleineres?
}
photo-not_an_image = { $what ->
    [video] In dem Video ist kein Bild, und hören kann ich nicht. Können Sie ein Foto schicken oder schreiben, worum es geht?
   *[photo] Ich konnte die Datei nicht als Bild öffnen. Können Sie ein Foto schicken (JPEG oder PNG)?
}
photo-truncated = { $what ->
    [video] Das Video
   *[photo] Das Foto
} ist unvollständig angekommen. Können Sie es noch einmal schicken?
photo-unreadable = { $what ->
    [video] Ich konnte das Video nicht öffnen. Können Sie ein Foto davon schicken, worauf es ankommt, oder schreiben, worum es geht?
   *[photo] Ich konnte das Foto nicht öffnen. Können Sie es noch einmal schicken oder schreiben, worum es geht?
}
photo-unavailable = Ich kann mir gerade keine { $what ->
    [video] Videos
   *[photo] Fotos
} ansehen. Können Sie schreiben, worum es geht, oder um einen Menschen bitten?
photo-not-downloaded = Ich konnte { $what ->
    [video] Ihr Video
   *[photo] Ihr Foto
} nicht von Telegram holen. Können Sie es noch einmal schicken?
film-part = Ich habe nur Augenblicke der ersten { $seconds } Sekunden Ihres Videos angesehen. Kommt das Wichtige später, können Sie ein Foto davon schicken?
photo-sensitive = { $what ->
    [video] Ihr Video
   *[photo] Ihr Foto
} scheint { $kinds } zu zeigen. Ich habe es verdeckt und behalte nur die verdeckte Kopie; niemand hier sieht es. Löschen Sie zur Sicherheit bitte auch { $what ->
    [video] das Video
   *[photo] das Foto
} in diesem Chat.
sensitive = { $type ->
    [card] die Nummer einer Zahlungskarte
    [iban] eine Kontonummer
    [mrz] ein Ausweisdokument
    [licence] einen Führerschein
    [wifi] ein WLAN-Passwort
    [otp] das Geheimnis eines Einmalpassworts
   *[other] etwas Privates
}
list-and = { $items }
flaw-too_small = Die Schrift auf { $what ->
    [video] Ihrem Video
   *[photo] Ihrem Foto
} ist mir zu klein. Können Sie näher herangehen, bis das Etikett das Bild füllt?
flaw-blurred = { $what ->
    [video] Ihr Video
   *[photo] Ihr Foto
} ist unscharf. Können Sie die Kamera ruhig halten, zum Scharfstellen auf die Schrift tippen und es noch einmal versuchen?
flaw-dark = { $what ->
    [video] Ihr Video
   *[photo] Ihr Foto
} ist mir zu dunkel. Können Sie Licht oder den Blitz einschalten und es noch einmal versuchen?
flaw-overexposed = { $what ->
    [video] Ihr Video
   *[photo] Ihr Foto
} ist zu hell: Die Schrift ist ausgebleicht. Können Sie es aus dem Licht drehen und es noch einmal versuchen?
flaw-cut_off = Ein Teil des Textes ist am Rand abgeschnitten. Können Sie etwas zurückgehen, damit alles im Bild ist?
text-foreign = Auf { $what ->
    [video] Ihrem Video
   *[photo] Ihrem Foto
} steht Text in einer Schrift, die ich nicht lesen kann, darum rate ich nicht. Können Sie tippen, was da steht, oder um einen Menschen bitten?
text-late = Ich habe nicht allen Text auf { $what ->
    [video] Ihrem Video
   *[photo] Ihrem Foto
} lesen können. Können Sie den wichtigen Teil von näher schicken oder die wichtige Zeile tippen?
text-crashed = Ich konnte den Text auf { $what ->
    [video] Ihrem Video
   *[photo] Ihrem Foto
} nicht lesen. Können Sie es noch einmal schicken oder die wichtige Zeile tippen?
unsupported = Ich kann Text lesen und Fotos und Videos ansehen, aber nicht { $kind ->
    [voice] Sprachnachrichten
    [sticker] Sticker
    [drawn] bewegte Sticker dieser Art: Zeichnungen, die nur Telegram abspielt
    [document] Dateien, die keine Bilder sind
   *[other] diese Art von Nachricht
}. Können Sie es schreiben oder ein Foto schicken?
too-long = Das ist viel Text ({ $length } Zeichen). Können Sie Ihre Frage in weniger als { $limit } stellen?
failed = Mit Ihrer letzten Nachricht ist bei uns etwas schiefgegangen. Ich habe sie an unser Team weitergegeben; die Antwort kommt genau hier.
failed-alone = Mit Ihrer letzten Nachricht ist bei uns etwas schiefgegangen. Können Sie es noch einmal versuchen?

voice-heard = Ich habe verstanden: „{ $text }“
voice-not-heard = { $why ->
    [long] Ihre Nachricht ist länger als zwei Minuten. Können Sie es kürzer sagen oder schreiben?
    [silent] Darin habe ich keine Stimme gehört. Können Sie es noch einmal näher am Mikrofon sagen oder schreiben?
    [noise] Darin konnte ich keine Worte verstehen. Können Sie es noch einmal sagen, wo es leiser ist, oder schreiben?
    [unreadable] Diese Aufnahme konnte ich nicht öffnen. Können Sie sie noch einmal schicken oder schreiben?
   *[late] Ich konnte das nicht rechtzeitig anhören. Können Sie es kürzer sagen oder schreiben?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Gehen wir es Schritt für Schritt durch: { $title }. Fragen Sie zwischendurch, was Sie möchten; „abbrechen“ beendet es.
form-took = Dem, was Sie geschickt haben, entnehme ich:
    { $facts }
form-ask = { $type ->
    [number] { $label }? Bitte schicken Sie eine Zahl.
    [date] { $label }? Bitte schicken Sie einen Tag, etwa { $example }.
    [order] { $label }? Sie steht auf Beleg oder Paket; ein Foto davon genügt.
    [choice] { $label }? Bitte wählen Sie.
    [photo] { $label }: Bitte schicken Sie ein Foto.
   *[text] { $label }? Bitte schreiben Sie es in eigenen Worten.
}
form-wrong = { $why ->
    [number] Hier brauche ich eine Zahl.
    [range] Diese Zahl kann nicht stimmen: Sie muss zwischen { $least } und { $most } liegen.
    [date] Darin konnte ich keinen Tag finden.
    [past] Dieser Tag kommt erst noch.
    [future] Dieser Tag ist vorbei.
    [order] Das sieht nicht nach so einer Nummer aus: Sie enthält eine Ziffer und keine Leerzeichen.
    [choice] Bitte wählen Sie eines davon.
    [photo] Hier brauche ich ein Foto.
   *[empty] Darin konnte ich die Antwort nicht finden.
}
form-line = • { $label }: { $value }
form-required = Ohne diese Angabe kann unser Team nichts tun.
form-skip = Überspringen
form-cancel = Formular abbrechen
form-later = Später
form-resume = ▶️ Weiter: { $title }
form-summary = „{ $title }“, wie ich es habe:

    { $lines }

    Stimmt das? Dann schicken Sie es an unser Team.
form-send = ✅ An das Team schicken
form-change = Etwas ändern
form-change-which = Was soll ich ändern?
form-cancelled = In Ordnung, nichts wurde geschickt, und Ihre Angaben sind gelöscht.
form-paused = In Ordnung. Das Formular bleibt, wie es ist; machen Sie weiter, wann Sie möchten.
form-back = Zurück zu „{ $title }“:
form-sent = Danke! „{ $title }“ geht mit allen Ihren Angaben an unser Team.
form-gone = Dieses Formular ist nicht mehr offen.
form-choose = Worum geht es?
form-none = Hier gibt es nichts auszufüllen. Schreiben Sie einfach, worum es geht.
form-skip-words = überspringen, weiter, weiß nicht, keine ahnung
form-cancel-words = abbrechen, formular abbrechen
form-later-words = später, jetzt nicht
form-send-words = schicken, abschicken, senden
form-change-words = ändern, etwas ändern, korrigieren
form-yesterday = gestern
form-today = heute
form-tomorrow = morgen
