not-sure = Je n'arrive pas à dire avec certitude ce qu'il y a sur votre { $where ->
    [video] vidéo
   *[photo] photo
}. Pouvez-vous me dire son nom, ou envoyer une photo plus proche et plus claire ?
unreadable = Je n'ai pas pu ouvrir votre photo. Pouvez-vous la renvoyer, ou me dire avec des mots de quoi il s'agit ?
which = Je ne sais pas de quel produit vous parlez. Pouvez-vous me dire son nom, ou m'en envoyer une photo ?
more = Je ne suis pas sûr d'avoir compris. Pouvez-vous m'en dire un peu plus ?
more-titles = Je ne suis pas sûr d'avoir compris. S'agit-il de l'un de ces sujets ? Sinon, dites-m'en un peu plus.
which-title = Lequel est-ce ? Touchez-le ou dites son numéro. Ou dois-je appeler quelqu'un de notre équipe ?
something-else = Vous vouliez dire autre chose ? Choisissez ci-dessous ou dites-m'en un peu plus.
sorry = Désolé, ce n'était pas ce que vous cherchiez. Pouvez-vous le dire autrement ? Sinon, je peux appeler une personne de notre équipe.
doubted = Voici sur quoi je m'appuie :
off_topic = Je ne peux pas vous aider pour cela : je ne connais que les pages d'aide de notre magasin. Puis-je faire autre chose pour vous concernant le magasin ? Une personne de notre équipe peut aussi vous aider.
language = Désolé, nos pages d'aide n'existent pas dans votre langue et je ne peux pas y chercher. Une personne de notre équipe peut vous aider.
danger = Je ne suis que l'assistant automatique d'un magasin et je ne peux pas vous aider comme vous le méritez. Parlez-en tout de suite à quelqu'un : les urgences, une ligne d'écoute ou un proche. Une personne de notre équipe peut aussi vous écrire ici.
unknown = Désolé, je ne trouve pas de réponse à cela. Voulez-vous que j'appelle une personne de notre équipe ?
person = Bien sûr. Je vous passe une personne de notre équipe.
declined = D'accord. N'hésitez pas s'il y a autre chose.
greeting = Bonjour ! Posez-moi vos questions sur notre magasin, ou envoyez-moi une photo de ce dont il s'agit.
ok = Bien. Y a-t-il autre chose ?
thanks = Avec plaisir ! Y a-t-il autre chose ?
bye = Au revoir et bonne journée !
how_are_you = Très bien, merci ! Que puis-je faire pour vous ?
who_are_you = Je suis l'assistant automatique du magasin. Je réponds à partir de nos pages d'aide, je regarde des photos et je peux appeler une personne de notre équipe.
offer = Voulez-vous que j'appelle une personne de notre équipe ?
not-found = Je ne trouve cependant rien à ce sujet dans nos pages d'aide.
what-about-it = Que souhaitez-vous savoir ?
care = Ne vous fiez pas à moi pour votre santé : lisez ce qui est écrit sur l'emballage et, en cas de doute, demandez à un médecin.
not-that-point = Je ne trouve pas ce point précis dans notre page d'aide { $titles }, mais voici ce qu'elle dit :
left-open = Je ne trouve pas de réponse à « { $question } ».
other-language = Notre page d'aide est dans une autre langue ; voici ce qu'elle dit :
title = « { $title } »
and = { $first } et { $second }
choice-one = Je n'en suis pas sûr d'après la { $where ->
    [video] vidéo
   *[photo] photo
}. Est-ce { $first } ?
choice-two = Je n'en suis pas sûr d'après la { $where ->
    [video] vidéo
   *[photo] photo
}. Est-ce { $first } ou { $second } ?
scene = Sur votre { $where ->
    [video] vidéo
   *[photo] photo
}, je vois ceci : { $caption }.
noted = { $name }, merci.
damage = Je vois des dégâts : { $name }.
that-is = C'est { $name }.
looks-like = On dirait { $name }.
coloured = { $name } ({ $colour })
kind-receipt = un ticket de caisse
kind-screenshot = une capture d'écran
kind-document = un document
kind-code = un code-barres ou un code QR
read = Sur votre { $where ->
    [video] vidéo
   *[photo] photo
}, je lis : { $items }.
read-error_code = code d'erreur { $value }
read-tracking = colis { $value }
read-order = commande { $value }
read-invoice = reçu numéro { $value }
read-date = { $value }
read-total = un total de { $value }
read-serial = numéro de série { $value }
read-imei = IMEI { $value }
read-gtin = numéro d'article { $value }
