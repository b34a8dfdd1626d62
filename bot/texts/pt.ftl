# O que os clientes leem. A equipe lê o idioma da loja (BOT_LANGUAGE) ou inglês.
start = Olá, { $name }! Sou o assistente de { $shop }: pergunte-me o que quiser sobre a loja ou envie uma foto com a sua pergunta.

    As fotos são vistas pelo computador da própria loja, por nenhuma outra empresa, e depois apagadas. O que escrevemos fica guardado por { $days } dias, para eu lembrar e a nossa equipe poder ajudar. Ao escrever você concorda. /privacy explica tudo, /forget apaga tudo.

    Escreva “falar com uma pessoa” quando preferir falar com um de nós. /help diz mais.
consent-button = Tudo bem
consent-thanks = Obrigado!
help = O que você pode fazer aqui:

    • Fazer uma pergunta, como “quando chega o meu pedido?”
    • Enviar uma foto e perguntar sobre o que há nela, como “quanto tempo isto dura?” Um vídeo também: vejo até oito momentos do primeiro minuto, sem som.
    • Escrever “falar com uma pessoa” ou /person, e alguém da equipe assume.

    /language escolhe o idioma das minhas respostas. /reset me faz esquecer a conversa e começar de novo. /privacy diz o que é guardado sobre você, /export envia isso a você, /forget apaga.
reset = Pronto: esqueci o que conversamos. Como posso ajudar?
language-ask = Em que idioma devo falar com você? De qualquer forma, entendo perguntas na maioria deles.
language-set = Certo, em português.
command-unknown = Não conheço { $command }. /help diz o que sei fazer.
transfer = Vou passar você para uma pessoa da nossa equipe, com o que conversamos. Ela responde aqui mesmo. Até lá não me meto; /reset me traz de volta.
nobody = Eu passaria você com prazer para uma pessoa, mas por este chat ninguém da equipe pode ser encontrado. Desculpe; só posso ajudar com o que dizem as nossas páginas de ajuda.
returned = Voltei: a nossa equipe me devolveu a conversa. O que mais posso fazer por você?
returned-idle = Ficou quieto aqui por um tempo, então volto a responder. Se a sua pergunta ainda está aberta, escreva-a ou peça uma pessoa.
transfer-later = Vou passar você para uma pessoa da nossa equipe, com o que conversamos. Agora não há ninguém; eles voltam { $when } e respondem aqui mesmo. Até lá não me meto; /reset me traz de volta.
when = { $day ->
    [today] hoje
    [1] na segunda-feira, { $date }
    [2] na terça-feira, { $date }
    [3] na quarta-feira, { $date }
    [4] na quinta-feira, { $date }
    [5] na sexta-feira, { $date }
    [6] no sábado, { $date }
   *[7] no domingo, { $date }
} às { $time } ({ $zone })
joined = { $agent }, da nossa equipe, entrou e responde a partir de agora.
still-waiting = Você não foi esquecido: perguntei de novo à nossa equipe. Eles respondem aqui mesmo.
closed = A nossa equipe encerrou esta conversa. Como fomos? Se algo ficou em aberto, é só escrever de novo.
rated = Obrigado pela avaliação: { $stars } de 5.
person-button = Falar com uma pessoa
agent-says = { $agent }: { $text }
translation = 🌐 Traduzido por uma máquina: { $text }
agent-team = A nossa equipe
privacy = O que { $shop } guarda sobre você. As palavras e o que foi visto são cifrados; datas, números e fotos que você nos deixa guardar não.

    • O seu nome, @nome e idioma, como o Telegram os dá: até você dizer /forget.
    • O que escrevemos: { $history } dias.
    • As suas fotos, vídeos e mensagens de voz: só até o nosso computador os ver, minutos no máximo; se foi preciso esconder algo, a cópia borrada por { $safe } dias, e o mesmo tempo, de uma imagem enviada como arquivo, uma cópia sem o que a câmera escreveu nela, como o lugar. Qual era e o que se viu nela: { $photos } dias.
    • Um formulário que preencher: até o enviar ou cancelar, { $intake } dias no máximo. Quando o envia, a nossa equipa recebe-o como documento com cópias das fotos; aqui essas cópias ficam { $safe } dias.
    • Se uma pessoa ajudou você: o que diz a ficha dela, { $case } dias. Ela vê o que você escreve a partir daí.
    • Que algo aconteceu (uma pergunta respondida, uma pessoa pedida, uma avaliação), com um nome ao acaso: 400 dias.
    • Fotos para aprender: só aquelas a que você disser sim, uma a uma, até dizer /forget.

    { $model ->
        [none] Ninguém além de { $shop } recebe nada disso, a não ser o Telegram, que leva as nossas mensagens.
       *[other] Ninguém além de { $shop } recebe nada disso, a não ser o Telegram, que leva as nossas mensagens, e { $model }, um modelo de linguagem que escolhe as minhas respostas e traduz entre você e a nossa equipe: ele recebe o que você e a equipe escrevem e o que foi visto ou lido numa foto, nunca a foto.
    } Os registros técnicos da loja têm o seu número do Telegram, nenhuma palavra. /export envia tudo a você, /forget apaga.
export = Tudo o que é guardado sobre você. O arquivo pode ser lido com qualquer editor de texto.
export-wait = Já recebeu tudo há menos de uma hora: está no ficheiro acima. Peça de novo quando tiver passado uma hora.
forget-sure = Devo esquecer você? Tudo o que é guardado sobre você é apagado: o que escrevemos, as suas fotos, o que a nossa equipe vê disso. Se uma pessoa está ajudando você agora, isso também termina.
forget-yes = Sim, esquecer tudo
forget-no = Não, guardar
forget-kept = Tudo bem, nada foi apagado.
forgotten = Pronto. Nada sobre você é guardado aqui, e a conversa da nossa equipe com você foi apagada.

    O que não posso apagar: as mensagens deste chat no Telegram (você pode limpá-lo), quantas vezes algo aconteceu (sem o seu nome) e o seu número do Telegram em registros técnicos e cópias de segurança, até serem renovados. O que foi aprendido com uma foto que você nos deixou continua aprendido.
keep-ask = Um colega diz que a sua foto mostra: { $label }. Eu tinha errado. Podemos guardar a foto para eu aprender? Ela não é usada para mais nada; /forget a apaga, mas não o que foi aprendido até então.
keep-yes = Sim, guardar
keep-no = Não
kept-thanks = Obrigado! A foto fica guardada para aprender. /forget a apaga.
kept-not = Tudo bem, a foto não é guardada.
kept-gone = Obrigado, mas já não consigo obter essa foto; nada foi guardado.
photo-empty = Esse arquivo estava vazio. Pode enviar { $what ->
    [video] o vídeo
   *[photo] a foto
} de novo?
photo-too_large = { $what ->
    [video] Esse vídeo é grande demais: aceito 20 MB e imagens de até 4096 × 2160. Pode enviar um mais curto ou menor, ou uma foto do que importa?
   *[photo] Essa imagem é grande demais para abrir. Pode enviá-la como foto comum, ou uma menor?
}
photo-not_an_image = { $what ->
    [video] Não há imagem nesse vídeo, e eu não ouço. Pode enviar uma foto ou escrever do que se trata?
   *[photo] Não consegui abrir esse arquivo como imagem. Pode enviar uma foto (JPEG ou PNG)?
}
photo-truncated = { $what ->
    [video] O vídeo chegou incompleto. Pode enviá-lo de novo?
   *[photo] A foto chegou incompleta. Pode enviá-la de novo?
}
photo-unreadable = { $what ->
    [video] Não consegui abrir esse vídeo. Pode enviar uma foto do que importa ou me dizer em palavras do que se trata?
   *[photo] Não consegui abrir essa foto. Pode enviá-la de novo ou me dizer em palavras do que se trata?
}
photo-unavailable = Agora não posso ver { $what ->
    [video] vídeos
   *[photo] fotos
}. Pode me dizer em palavras do que se trata ou pedir uma pessoa?
photo-not-downloaded = Não consegui obter { $what ->
    [video] o seu vídeo
   *[photo] a sua foto
} do Telegram. Pode enviar de novo?
film-part = Vi só momentos dos primeiros { $seconds } segundos do seu vídeo. Se o importante vem em outra hora, pode enviar uma foto?
photo-sensitive = { $what ->
    [video] O seu vídeo
   *[photo] A sua foto
} parece mostrar { $kinds }. Escondi isso e guardo só a cópia escondida; ninguém aqui vê. Por segurança, apague também { $what ->
    [video] o vídeo
   *[photo] a foto
} deste chat.
sensitive = { $type ->
    [card] o número de um cartão de pagamento
    [iban] um número de conta bancária
    [mrz] um documento de identidade
    [licence] uma carteira de motorista
    [wifi] uma senha de Wi-Fi
    [otp] o segredo de uma senha de uso único
   *[other] algo privado
}
list-and = { $items }
flaw-too_small = As letras { $what ->
    [video] do seu vídeo
   *[photo] da sua foto
} são pequenas demais para eu ler. Pode chegar mais perto, até o rótulo encher a imagem?
flaw-blurred = { $what ->
    [video] O seu vídeo está borrado
   *[photo] A sua foto está borrada
}. Pode segurar a câmera firme, tocar nas letras para focar e tentar de novo?
flaw-dark = { $what ->
    [video] O seu vídeo está escuro
   *[photo] A sua foto está escura
} demais para mim. Pode acender uma luz ou o flash e tentar de novo?
flaw-overexposed = { $what ->
    [video] O seu vídeo está claro
   *[photo] A sua foto está clara
} demais: as letras somem. Pode tirá-lo da luz e tentar de novo?
flaw-cut_off = Parte do texto está cortada na borda. Pode se afastar um pouco para caber tudo?
text-foreign = Há { $what ->
    [video] no seu vídeo
   *[photo] na sua foto
} um texto numa escrita que não sei ler, então não vou adivinhar. Pode digitar o que diz ou pedir uma pessoa?
text-late = Não consegui ler todo o texto { $what ->
    [video] do seu vídeo
   *[photo] da sua foto
}. Pode enviar de mais perto a parte que importa ou digitar a linha importante?
text-crashed = Não consegui ler o texto { $what ->
    [video] do seu vídeo
   *[photo] da sua foto
}. Pode enviar de novo ou digitar a linha importante?
unsupported = Sei ler texto e ver fotos e vídeos, mas não { $kind ->
    [voice] mensagens de voz
    [sticker] figurinhas
    [drawn] figurinhas animadas deste tipo, desenhos que só o Telegram toca
    [document] arquivos que não são imagens
   *[other] este tipo de mensagem
}. Pode escrever ou enviar uma foto?
too-long = É muito texto ({ $length } caracteres). Pode fazer a pergunta em menos de { $limit }?
failed = Algo deu errado do nosso lado com a sua última mensagem. Passei-a à nossa equipe; eles respondem aqui mesmo.
failed-alone = Algo deu errado do nosso lado com a sua última mensagem. Pode tentar de novo?

voice-heard = Entendi: “{ $text }”
voice-not-heard = { $why ->
    [long] A sua mensagem tem mais de dois minutos. Pode dizê-lo mais curto ou escrever?
    [silent] Não ouvi nenhuma voz. Pode repetir mais perto do microfone ou escrever?
    [noise] Não consegui perceber as palavras. Pode repetir onde haja menos ruído ou escrever?
    [unreadable] Não consegui abrir essa gravação. Pode enviá-la de novo ou escrever?
   *[late] Não consegui ouvi-la a tempo. Pode dizê-lo mais curto ou escrever?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Vamos passo a passo: { $title }. Pergunte o que quiser pelo meio; “cancelar” termina.
form-took = Do que enviou, retirei:
    { $facts }
form-ask = { $type ->
    [number] { $label }? Envie um número, por favor.
    [date] { $label }? Envie um dia, por exemplo { $example }.
    [order] { $label }? Está no recibo ou na encomenda; basta uma foto.
    [choice] { $label }? Escolha, por favor.
    [photo] { $label }: envie uma foto, por favor.
   *[text] { $label }? Escreva com as suas palavras, por favor.
}
form-wrong = { $why ->
    [number] Aqui preciso de um só número.
    [range] Esse número não pode ser: tem de estar entre { $least } e { $most }.
    [date] Não encontrei nenhum dia nisso.
    [past] Esse dia ainda não chegou.
    [future] Esse dia já passou.
    [order] Isso não parece um número desses: tem algum algarismo e nenhum espaço.
    [choice] Escolha uma destas opções, por favor.
    [photo] Aqui preciso de uma foto.
   *[empty] Não encontrei a resposta nisso.
}
form-line = • { $label }: { $value }
form-required = A nossa equipa não pode dispensar este dado.
form-skip = Saltar
form-cancel = Cancelar o formulário
form-later = Mais tarde
form-resume = ▶️ Continuar: { $title }
form-summary = “{ $title }”, como o tenho:

    { $lines }

    Está certo? Então envie-o à nossa equipa.
form-send = ✅ Enviar à equipa
form-change = Mudar algo
form-change-which = O que devo mudar?
form-cancelled = Está bem, nada foi enviado e o que preencheu foi apagado.
form-paused = Está bem. O formulário fica como está; continue quando quiser.
form-back = De volta a “{ $title }”:
form-sent = Obrigado! “{ $title }” segue para a nossa equipa com tudo o que preencheu.
form-gone = Esse formulário já não está aberto.
form-choose = De que se trata?
form-none = Não há nada para preencher aqui. Escreva simplesmente de que se trata.
form-skip-words = saltar, pular, próximo, não sei
form-cancel-words = cancelar, cancelar o formulário
form-later-words = mais tarde, depois, agora não
form-send-words = enviar, envie, mandar
form-change-words = mudar, mudar algo, corrigir
form-yesterday = ontem
form-today = hoje
form-tomorrow = amanhã
