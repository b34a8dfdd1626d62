not-sure = Não consigo dizer com certeza o que há { $where ->
    [video] no seu vídeo
   *[photo] na sua foto
}. Pode me dizer o nome ou enviar uma foto mais próxima e mais clara?
unreadable = Não consegui abrir a sua foto. Pode enviá-la de novo ou me dizer em palavras do que se trata?
which = Não sei de que produto você fala. Pode me dizer o nome ou enviar uma foto dele?
more = Não tenho certeza se entendi. Pode me contar um pouco mais?
more-titles = Não tenho certeza se entendi. É sobre um destes assuntos? Se não, conte-me um pouco mais, por favor.
which-title = Qual deles é? Toque nele ou diga o número. Ou quer que eu chame alguém da nossa equipe?
something-else = Queria dizer outra coisa? Escolha abaixo ou conte-me um pouco mais.
sorry = Desculpe, não era o que você procurava. Pode dizer de outra forma? Ou posso chamar uma pessoa da nossa equipe.
doubted = É nisto que me baseio:
off_topic = Não posso ajudar com isso: só sei o que está nas páginas de ajuda da nossa loja. Posso fazer mais alguma coisa sobre a loja? Uma pessoa da nossa equipe também pode ajudar.
language = Desculpe, nossas páginas de ajuda não estão no seu idioma e não consigo procurar nelas. Uma pessoa da nossa equipe pode ajudar você.
danger = Sou apenas o assistente automático de uma loja e não posso ajudar como você merece. Por favor, fale agora com alguém: o número de emergência, uma linha de apoio ou uma pessoa próxima. Uma pessoa da nossa equipe também pode escrever para você aqui.
unknown = Desculpe, não encontro uma resposta para isso. Quer que eu chame uma pessoa da nossa equipe?
person = Claro. Vou passar você para uma pessoa da nossa equipe.
declined = Tudo bem. É só perguntar quando precisar de mais alguma coisa.
greeting = Olá! Pergunte-me o que quiser sobre a nossa loja ou envie uma foto do que se trata.
ok = Certo. Mais alguma coisa?
thanks = De nada! Mais alguma coisa?
bye = Até logo e tenha um bom dia!
how_are_you = Tudo bem, obrigado! O que posso fazer por você?
who_are_you = Sou o assistente automático da loja. Respondo com as nossas páginas de ajuda, posso ver fotos e posso chamar uma pessoa da nossa equipe.
offer = Quer que eu chame uma pessoa da nossa equipe?
not-found = Mas não encontro nada sobre isso nas nossas páginas de ajuda.
what-about-it = O que você gostaria de saber?
care = Por favor, não confie em mim quando se trata da sua saúde: leia o que diz a embalagem e, em caso de dúvida, pergunte a um médico.
not-that-point = Não encontro exatamente esse ponto na nossa página de ajuda { $titles }, mas é isto que ela diz:
left-open = Não encontro uma resposta para “{ $question }”.
other-language = Nossa página de ajuda está em outro idioma; é isto que ela diz:
title = “{ $title }”
and = { $first } e { $second }
choice-one = Não tenho certeza { $where ->
    [video] pelo vídeo
   *[photo] pela foto
}. É { $first }?
choice-two = Não tenho certeza { $where ->
    [video] pelo vídeo
   *[photo] pela foto
}. É { $first } ou { $second }?
scene = { $where ->
    [video] No seu vídeo
   *[photo] Na sua foto
} vejo isto: { $caption }.
noted = { $name }, obrigado.
damage = Vejo danos: { $name }.
that-is = Isso é { $name }.
looks-like = Isso parece { $name }.
coloured = { $name } ({ $colour })
kind-receipt = um recibo
kind-screenshot = uma captura de tela
kind-document = um documento
kind-code = um código de barras ou QR
read = { $where ->
    [video] No seu vídeo
   *[photo] Na sua foto
} leio: { $items }.
read-error_code = código de erro { $value }
read-tracking = encomenda { $value }
read-order = pedido { $value }
read-invoice = recibo número { $value }
read-date = { $value }
read-total = um total de { $value }
read-serial = número de série { $value }
read-imei = IMEI { $value }
read-gtin = número do artigo { $value }
