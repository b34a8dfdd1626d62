# Ce que lisent les clients. L'équipe lit la langue du magasin (BOT_LANGUAGE) ou l'anglais.
start = Bonjour { $name } ! Je suis l'assistant de { $shop } : posez-moi vos questions sur le magasin, ou envoyez-moi une photo avec votre question.

    Les photos sont regardées par l'ordinateur du magasin, par aucune autre entreprise, puis effacées. Ce que nous écrivons est gardé { $days } jours, pour que je m'en souvienne et que notre équipe puisse aider. En écrivant, vous êtes d'accord. /privacy dit tout, /forget efface tout.

    Écrivez « parler à une personne » dès que vous préférez parler à l'un de nous. /help en dit plus.
consent-button = D'accord
consent-thanks = Merci !
help = Ce que vous pouvez faire ici :

    • Poser une question, comme « quand arrive ma commande ? »
    • Envoyer une photo et demander ce qu'il y a dessus, comme « combien de temps ça se garde ? » Une vidéo aussi : je regarde jusqu'à huit moments de la première minute, sans le son.
    • Écrire « parler à une personne » ou /person, et quelqu'un de l'équipe prend la suite.

    /language choisit la langue de mes réponses. /reset me fait oublier notre conversation et recommencer. /privacy dit ce qui est gardé sur vous, /export vous l'envoie, /forget l'efface.
reset = C'est fait : j'ai oublié ce dont nous avons parlé. Comment puis-je vous aider ?
language-ask = Dans quelle langue dois-je vous parler ? Je comprends de toute façon les questions dans la plupart.
language-set = D'accord, en français.
command-unknown = Je ne connais pas { $command }. /help dit ce que je sais faire.
transfer = Je vous passe une personne de notre équipe, avec ce dont nous avons parlé. Elle vous répondra ici même. D'ici là je n'interviens plus ; /reset me fait revenir.
nobody = Je vous passerais volontiers une personne, mais personne de l'équipe n'est joignable par ce chat. Je suis désolé ; je ne peux aider qu'avec ce que disent nos pages d'aide.
returned = Me revoilà : notre équipe m'a rendu la conversation. Que puis-je faire d'autre pour vous ?
returned-idle = C'est resté calme un moment, je réponds donc à nouveau. Si votre question est encore ouverte, écrivez-la, ou demandez une personne.
transfer-later = Je vous passe une personne de notre équipe, avec ce dont nous avons parlé. Il n'y a personne pour l'instant ; l'équipe revient { $when } et vous répondra ici même. D'ici là je n'interviens plus ; /reset me fait revenir.
when = { $day ->
    [today] aujourd'hui
    [1] lundi { $date }
    [2] mardi { $date }
    [3] mercredi { $date }
    [4] jeudi { $date }
    [5] vendredi { $date }
    [6] samedi { $date }
   *[7] dimanche { $date }
} à { $time } ({ $zone })
joined = { $agent }, de notre équipe, est là et répond à partir de maintenant.
still-waiting = Nous ne vous oublions pas : j'ai redemandé à notre équipe. Elle vous répondra ici même.
closed = Notre équipe a terminé cette conversation. Étiez-vous satisfait ? S'il reste une question, écrivez à nouveau.
rated = Merci pour votre note : { $stars } sur 5.
person-button = Parler à une personne
agent-says = { $agent } : { $text }
translation = 🌐 Traduit par une machine : { $text }
agent-team = Notre équipe
privacy = Ce que { $shop } garde sur vous. Les mots et ce qui a été vu sont chiffrés ; les dates, les numéros et les photos que vous nous laissez garder ne le sont pas.

    • Votre nom, @nom et langue, tels que Telegram les donne : jusqu'à ce que vous disiez /forget.
    • Ce que nous avons écrit : { $history } jours.
    • Vos photos, vidéos et messages vocaux : seulement le temps que notre ordinateur les regarde, quelques minutes au plus ; s'il a fallu cacher quelque chose, la copie floutée pendant { $safe } jours, et aussi longtemps, d'une image envoyée comme fichier, une copie sans ce que l'appareil y a écrit, comme le lieu. Laquelle c'était et ce qu'on y a vu : { $photos } jours.
    • Un formulaire que vous remplissez : jusqu'à ce que vous l'envoyiez ou l'annuliez, { $intake } jours au plus. Quand vous l'envoyez, notre équipe le reçoit comme document avec des copies des photos ; ici, ces copies restent { $safe } jours.
    • Si une personne vous a aidé : ce que dit sa fiche, { $case } jours. Elle voit ce que vous écrivez à partir de là.
    • Que quelque chose est arrivé (une réponse, une demande de personne, une note), sous un nom au hasard : 400 jours.
    • Des photos pour apprendre : seulement celles pour lesquelles vous dites oui, une à une, jusqu'à /forget.

    { $model ->
        [none] Personne d'autre que { $shop } n'en reçoit rien, à part Telegram, qui transporte nos messages.
       *[other] Personne d'autre que { $shop } n'en reçoit rien, à part Telegram, qui transporte nos messages, et { $model }, un modèle de langue qui choisit mes réponses et traduit entre vous et notre équipe : il reçoit ce que vous et l'équipe écrivez et ce qui a été vu ou lu sur une photo, jamais la photo.
    } Les journaux techniques du magasin contiennent votre numéro Telegram, aucun mot. /export vous envoie tout, /forget l'efface.
export = Tout ce qui est gardé sur vous. Le fichier se lit avec n'importe quel éditeur de texte.
export-wait = Vous avez tout reçu il y a moins d’une heure : c’est dans le fichier plus haut. Redemandez une heure après.
forget-sure = Dois-je vous oublier ? Tout ce qui est gardé sur vous est effacé : ce que nous avons écrit, vos photos, ce qu'en voit notre équipe. Si une personne vous aide en ce moment, cela s'arrête aussi.
forget-yes = Oui, tout oublier
forget-no = Non, garder
forget-kept = D'accord, rien n'a été effacé.
forgotten = C'est fait. Plus rien n'est gardé ici sur vous, et la conversation de notre équipe avec vous est effacée.

    Ce que je ne peux pas effacer : les messages de ce chat chez Telegram (vous pouvez le vider vous-même), combien de fois quelque chose est arrivé (sans votre nom), et votre numéro Telegram dans les journaux techniques et les sauvegardes jusqu'à leur renouvellement. Ce qui a été appris d'une photo que vous nous avez laissée reste appris.
keep-ask = Un collègue dit que votre photo montre : { $label }. Je m'étais trompé. Pouvons-nous garder la photo pour que j'apprenne ? Elle ne sert à rien d'autre ; /forget l'efface, mais pas ce qui aura été appris d'ici là.
keep-yes = Oui, la garder
keep-no = Non
kept-thanks = Merci ! La photo est gardée pour apprendre. /forget l'efface.
kept-not = D'accord, la photo n'est pas gardée.
kept-gone = Merci, mais je ne peux plus obtenir cette photo ; rien n'a été gardé.
photo-empty = Ce fichier était vide. Pouvez-vous renvoyer la { $what ->
    [video] vidéo
   *[photo] photo
} ?
photo-too_large = { $what ->
    [video] Cette vidéo est trop grande : j'accepte 20 Mo et des images jusqu'à 4096 × 2160. Pouvez-vous en envoyer une plus courte ou plus petite, ou une photo de ce qui compte ?
   *[photo] Cette image est trop grande pour être ouverte. Pouvez-vous l'envoyer comme photo ordinaire, ou une plus petite ?
}
photo-not_an_image = { $what ->
    [video] Il n'y a pas d'image dans cette vidéo, et je n'entends pas. Pouvez-vous envoyer une photo, ou écrire de quoi il s'agit ?
   *[photo] Je n'ai pas pu ouvrir ce fichier comme image. Pouvez-vous envoyer une photo (JPEG ou PNG) ?
}
photo-truncated = Cette { $what ->
    [video] vidéo
   *[photo] photo
} est arrivée incomplète. Pouvez-vous la renvoyer ?
photo-unreadable = { $what ->
    [video] Je n'ai pas pu ouvrir cette vidéo. Pouvez-vous envoyer une photo de ce qui compte, ou dire avec des mots de quoi il s'agit ?
   *[photo] Je n'ai pas pu ouvrir cette photo. Pouvez-vous la renvoyer, ou dire avec des mots de quoi il s'agit ?
}
photo-unavailable = Je ne peux pas regarder de { $what ->
    [video] vidéos
   *[photo] photos
} pour le moment. Pouvez-vous dire avec des mots de quoi il s'agit, ou demander une personne ?
photo-not-downloaded = Je n'ai pas pu obtenir votre { $what ->
    [video] vidéo
   *[photo] photo
} de Telegram. Pouvez-vous la renvoyer ?
film-part = Je n'ai regardé que des moments des { $seconds } premières secondes de votre vidéo. Si l'important vient à un autre moment, pouvez-vous en envoyer une photo ?
photo-sensitive = Votre { $what ->
    [video] vidéo
   *[photo] photo
} semble montrer { $kinds }. Je l'ai caché et ne garde que la copie cachée ; personne ici ne le voit. Par prudence, effacez aussi la { $what ->
    [video] vidéo
   *[photo] photo
} de ce chat.
sensitive = { $type ->
    [card] le numéro d'une carte de paiement
    [iban] un numéro de compte bancaire
    [mrz] une pièce d'identité
    [licence] un permis de conduire
    [wifi] un mot de passe Wi-Fi
    [otp] le secret d'un mot de passe à usage unique
   *[other] quelque chose de privé
}
list-and = { $items }
flaw-too_small = Le texte sur votre { $what ->
    [video] vidéo
   *[photo] photo
} est trop petit pour moi. Pouvez-vous vous rapprocher, pour que l'étiquette remplisse l'image ?
flaw-blurred = Votre { $what ->
    [video] vidéo
   *[photo] photo
} est floue. Pouvez-vous tenir l'appareil immobile, toucher le texte pour faire le point et réessayer ?
flaw-dark = Votre { $what ->
    [video] vidéo
   *[photo] photo
} est trop sombre pour moi. Pouvez-vous allumer une lampe ou le flash et réessayer ?
flaw-overexposed = Votre { $what ->
    [video] vidéo
   *[photo] photo
} est trop claire : le texte est effacé. Pouvez-vous l'éloigner de la lumière et réessayer ?
flaw-cut_off = Une partie du texte est coupée au bord. Pouvez-vous reculer un peu pour que tout soit dans l'image ?
text-foreign = Il y a sur votre { $what ->
    [video] vidéo
   *[photo] photo
} un texte dans une écriture que je ne sais pas lire ; je ne devine donc pas. Pouvez-vous taper ce qu'il dit, ou demander une personne ?
text-late = Je n'ai pas réussi à lire tout le texte de votre { $what ->
    [video] vidéo
   *[photo] photo
}. Pouvez-vous envoyer de plus près la partie qui compte, ou taper la ligne importante ?
text-crashed = Je n'ai pas pu lire le texte de votre { $what ->
    [video] vidéo
   *[photo] photo
}. Pouvez-vous la renvoyer, ou taper la ligne importante ?
unsupported = Je peux lire du texte et regarder des photos et des vidéos, mais pas { $kind ->
    [voice] les messages vocaux
    [sticker] les stickers
    [drawn] les stickers animés de ce genre, des dessins que seul Telegram sait jouer
    [document] les fichiers qui ne sont pas des images
   *[other] ce genre de message
}. Pouvez-vous l'écrire, ou envoyer une photo ?
too-long = C'est beaucoup de texte ({ $length } caractères). Pouvez-vous poser votre question en moins de { $limit } ?
failed = Quelque chose s'est mal passé de notre côté avec votre dernier message. Je l'ai transmis à notre équipe ; elle vous répondra ici même.
failed-alone = Quelque chose s'est mal passé de notre côté avec votre dernier message. Pouvez-vous réessayer ?

voice-heard = J'ai compris : « { $text } »
voice-not-heard = { $why ->
    [long] Votre message dure plus de deux minutes. Pouvez-vous le dire plus court ou l'écrire ?
    [silent] Je n'y ai entendu aucune voix. Pouvez-vous le redire plus près du micro ou l'écrire ?
    [noise] Je n'ai pas pu y distinguer de mots. Pouvez-vous le redire au calme ou l'écrire ?
    [unreadable] Je n'ai pas pu ouvrir cet enregistrement. Pouvez-vous le renvoyer ou l'écrire ?
   *[late] Je n'ai pas pu l'écouter à temps. Pouvez-vous le dire plus court ou l'écrire ?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Allons-y pas à pas : { $title }. Posez-moi vos questions en chemin ; « annuler » y met fin.
form-took = De ce que vous avez envoyé, j'ai retenu :
    { $facts }
form-ask = { $type ->
    [number] { $label } ? Envoyez un nombre, s'il vous plaît.
    [date] { $label } ? Envoyez un jour, par exemple { $example }.
    [order] { $label } ? Il est sur votre reçu ou votre colis ; une photo suffit.
    [choice] { $label } ? Choisissez, s'il vous plaît.
    [photo] { $label } : envoyez une photo, s'il vous plaît.
   *[text] { $label } ? Écrivez-le avec vos mots, s'il vous plaît.
}
form-wrong = { $why ->
    [number] Il me faut un seul nombre ici.
    [range] Ce nombre n'est pas possible : il doit être entre { $least } et { $most }.
    [date] Je n'y ai trouvé aucun jour.
    [past] Ce jour est encore à venir.
    [future] Ce jour est passé.
    [order] Cela ne ressemble pas à un tel numéro : il contient un chiffre et pas d'espace.
    [choice] Choisissez l'une de ces réponses, s'il vous plaît.
    [photo] Il me faut une photo ici.
   *[empty] Je n'y ai pas trouvé la réponse.
}
form-line = • { $label }: { $value }
form-required = Notre équipe ne peut pas s'en passer.
form-skip = Passer
form-cancel = Annuler le formulaire
form-later = Plus tard
form-resume = ▶️ Continuer : { $title }
form-summary = « { $title } », tel que je l'ai :

    { $lines }

    Est-ce exact ? Alors envoyez-le à notre équipe.
form-send = ✅ Envoyer à l'équipe
form-change = Changer quelque chose
form-change-which = Que dois-je changer ?
form-cancelled = D'accord, rien n'a été envoyé et vos réponses sont effacées.
form-paused = D'accord. Le formulaire reste tel quel ; continuez quand vous voulez.
form-back = Revenons à « { $title } » :
form-sent = Merci ! « { $title } » part chez notre équipe avec toutes vos réponses.
form-gone = Ce formulaire n'est plus ouvert.
form-choose = De quoi s'agit-il ?
form-none = Il n'y a rien à remplir ici. Écrivez simplement de quoi il s'agit.
form-skip-words = passer, suivant, je ne sais pas
form-cancel-words = annuler, annuler le formulaire
form-later-words = plus tard, pas maintenant
form-send-words = envoyer, envoie, envoyez
form-change-words = changer, changer quelque chose, corriger
form-yesterday = hier
form-today = aujourd'hui
form-tomorrow = demain
