# Lo que leen los clientes. El equipo lee el idioma de la tienda (BOT_LANGUAGE) o inglés.
start = ¡Hola, { $name }! Soy el asistente de { $shop }: pregúnteme lo que quiera sobre la tienda o envíeme una foto con su pregunta.

    Las fotos las mira el ordenador de la propia tienda, ninguna otra empresa, y después se borran. Lo que escribimos se guarda { $days } días, para que yo lo recuerde y nuestro equipo pueda ayudar. Al escribir está de acuerdo. /privacy lo explica todo, /forget lo borra todo.

    Escriba «hablar con una persona» cuando prefiera hablar con uno de nosotros. /help dice más.
consent-button = De acuerdo
consent-thanks = ¡Gracias!
help = Lo que puede hacer aquí:

    • Hacer una pregunta, como «¿cuándo llega mi pedido?»
    • Enviar una foto y preguntar por lo que hay en ella, como «¿cuánto dura esto?» También un vídeo: miro hasta ocho momentos del primer minuto, sin sonido.
    • Escribir «hablar con una persona» o /person, y alguien del equipo se encarga.

    /language elige el idioma en que respondo. /reset me hace olvidar la conversación y empezar de nuevo. /privacy dice qué se guarda sobre usted, /export se lo envía, /forget lo borra.
reset = Hecho: he olvidado de qué hablábamos. ¿En qué puedo ayudarle?
language-ask = ¿En qué idioma quiere que le hable? De todos modos entiendo preguntas en la mayoría.
language-set = De acuerdo, en español.
command-unknown = No conozco { $command }. /help dice lo que sé hacer.
transfer = Le paso con una persona de nuestro equipo, con lo que hemos hablado. Le responderá aquí mismo. Hasta entonces no intervengo; /reset me trae de vuelta.
nobody = Me gustaría pasarle con una persona, pero por este chat no se puede localizar a nadie del equipo. Lo siento; solo puedo ayudar con lo que dicen nuestras páginas de ayuda.
returned = He vuelto: nuestro equipo me ha devuelto la conversación. ¿Qué más puedo hacer por usted?
returned-idle = Esto ha estado tranquilo un rato, así que vuelvo a responder yo. Si su pregunta sigue abierta, escríbala o pida una persona.
transfer-later = Le paso con una persona de nuestro equipo, con lo que hemos hablado. Ahora no hay nadie; vuelven { $when } y le responderán aquí mismo. Hasta entonces no intervengo; /reset me trae de vuelta.
when = { $day ->
    [today] hoy
    [1] el lunes { $date }
    [2] el martes { $date }
    [3] el miércoles { $date }
    [4] el jueves { $date }
    [5] el viernes { $date }
    [6] el sábado { $date }
   *[7] el domingo { $date }
} a las { $time } ({ $zone })
joined = { $agent }, de nuestro equipo, se ha unido y responde a partir de ahora.
still-waiting = No le hemos olvidado: he vuelto a avisar a nuestro equipo. Le responderán aquí mismo.
closed = Nuestro equipo ha cerrado esta conversación. ¿Qué tal lo hemos hecho? Si queda algo pendiente, escriba de nuevo.
rated = Gracias por su valoración: { $stars } de 5.
person-button = Hablar con una persona
agent-says = { $agent }: { $text }
translation = 🌐 Traducido por una máquina: { $text }
agent-team = Nuestro equipo
privacy = Lo que { $shop } guarda sobre usted. Las palabras y lo que se vio están cifrados; las fechas, los números y las fotos que nos deja guardar no.

    • Su nombre, @nombre e idioma, según Telegram: hasta que diga /forget.
    • Lo que escribimos: { $history } días.
    • Sus fotos, vídeos y mensajes de voz: solo hasta que nuestro ordenador los ha mirado, minutos como mucho; si hubo que ocultar algo, la copia borrosa { $safe } días, y lo mismo, de una imagen enviada como archivo, una copia sin lo que escribió en ella la cámara, como el lugar. Cuál era y qué se vio en ella: { $photos } días.
    • Un formulario que rellene: hasta que lo envíe o lo cancele, { $intake } días como mucho. Al enviarlo, nuestro equipo lo recibe como documento con copias de las fotos; aquí esas copias quedan { $safe } días.
    • Si le ayudó una persona: lo que dice su ficha, { $case } días. Ve lo que usted escribe desde entonces.
    • Que algo pasó (una pregunta respondida, una persona pedida, una valoración), con un nombre al azar: 400 días.
    • Fotos para aprender: solo aquellas a las que diga que sí, una a una, hasta que diga /forget.

    { $model ->
        [none] Nadie más que { $shop } recibe nada de esto, aparte de Telegram, que lleva nuestros mensajes.
       *[other] Nadie más que { $shop } recibe nada de esto, aparte de Telegram, que lleva nuestros mensajes, y { $model }, un modelo de lenguaje que elige mis respuestas y traduce entre usted y nuestro equipo: recibe lo que usted y el equipo escriben y lo que se vio o leyó en una foto, nunca la foto.
    } Los registros técnicos de la tienda contienen su número de Telegram, no palabras. /export se lo envía todo, /forget lo borra.
export = Todo lo que se guarda sobre usted. El archivo se puede leer con cualquier editor de texto.
export-wait = Ya lo recibió todo hace menos de una hora: está en el archivo de arriba. Vuelva a pedirlo cuando haya pasado una hora.
forget-sure = ¿Le olvido? Se borra todo lo que se guarda sobre usted: lo que escribimos, sus fotos, lo que nuestro equipo ve de ello. Si ahora mismo le ayuda una persona, eso también termina.
forget-yes = Sí, olvidarlo todo
forget-no = No, guardarlo
forget-kept = De acuerdo, no se ha borrado nada.
forgotten = Hecho. Aquí ya no se guarda nada sobre usted, y la conversación de nuestro equipo con usted está borrada.

    Lo que no puedo borrar: los mensajes de este chat en Telegram (puede vaciarlo usted), cuántas veces pasó algo (sin su nombre) y su número de Telegram en registros técnicos y copias de seguridad hasta que se renueven. Lo que se aprendió de una foto que nos dejó guardar sigue aprendido.
keep-ask = Un compañero dice que su foto muestra: { $label }. Yo me había equivocado. ¿Podemos guardar la foto para que aprenda de ella? No se usa para nada más; /forget la borra, pero no lo aprendido hasta entonces.
keep-yes = Sí, guardarla
keep-no = No
kept-thanks = ¡Gracias! La foto se guarda para aprender. /forget la borra.
kept-not = De acuerdo, la foto no se guarda.
kept-gone = Gracias, pero ya no puedo conseguir esa foto; no se ha guardado nada.
photo-empty = Ese archivo estaba vacío. ¿Puede enviar { $what ->
    [video] el vídeo
   *[photo] la foto
} otra vez?
photo-too_large = { $what ->
    [video] Ese vídeo es demasiado grande: admito 20 MB e imágenes de hasta 4096 × 2160. ¿Puede enviar uno más corto o pequeño, o una foto de lo importante?
   *[photo] Esa imagen es demasiado grande para abrirla. ¿Puede enviarla como foto normal, o una más pequeña?
}
photo-not_an_image = { $what ->
    [video] En ese vídeo no hay imagen, y no puedo oír. ¿Puede enviar una foto o escribir de qué se trata?
   *[photo] No he podido abrir ese archivo como imagen. ¿Puede enviar una foto (JPEG o PNG)?
}
photo-truncated = { $what ->
    [video] El vídeo ha llegado incompleto. ¿Puede enviarlo otra vez?
   *[photo] La foto ha llegado incompleta. ¿Puede enviarla otra vez?
}
photo-unreadable = { $what ->
    [video] No he podido abrir ese vídeo. ¿Puede enviar una foto de lo importante o decirme con palabras de qué se trata?
   *[photo] No he podido abrir esa foto. ¿Puede enviarla otra vez o decirme con palabras de qué se trata?
}
photo-unavailable = Ahora mismo no puedo mirar { $what ->
    [video] vídeos
   *[photo] fotos
}. ¿Puede decirme con palabras de qué se trata o pedir una persona?
photo-not-downloaded = No he podido obtener { $what ->
    [video] su vídeo
   *[photo] su foto
} de Telegram. ¿Puede enviarlo otra vez?
film-part = Solo he mirado momentos de los primeros { $seconds } segundos de su vídeo. Si lo importante viene en otro momento, ¿puede enviar una foto?
photo-sensitive = { $what ->
    [video] Su vídeo
   *[photo] Su foto
} parece mostrar { $kinds }. Lo he ocultado y guardo solo la copia oculta; nadie aquí lo ve. Para mayor seguridad, borre también { $what ->
    [video] el vídeo
   *[photo] la foto
} de este chat.
sensitive = { $type ->
    [card] el número de una tarjeta de pago
    [iban] un número de cuenta bancaria
    [mrz] un documento de identidad
    [licence] un permiso de conducir
    [wifi] una contraseña de wifi
    [otp] el secreto de una contraseña de un solo uso
   *[other] algo privado
}
list-and = { $items }
flaw-too_small = La letra de { $what ->
    [video] su vídeo
   *[photo] su foto
} es demasiado pequeña para leerla. ¿Puede acercarse hasta que la etiqueta llene la imagen?
flaw-blurred = { $what ->
    [video] Su vídeo está borroso
   *[photo] Su foto está borrosa
}. ¿Puede sujetar la cámara sin moverla, tocar la letra para enfocar e intentarlo otra vez?
flaw-dark = { $what ->
    [video] Su vídeo es demasiado oscuro
   *[photo] Su foto es demasiado oscura
} para mí. ¿Puede encender una luz o el flash e intentarlo otra vez?
flaw-overexposed = { $what ->
    [video] Su vídeo tiene
   *[photo] Su foto tiene
} demasiada luz: la letra no se distingue. ¿Puede apartarlo de la luz e intentarlo otra vez?
flaw-cut_off = Parte del texto queda cortada en el borde. ¿Puede alejarse un poco para que salga entero?
text-foreign = En { $what ->
    [video] su vídeo
   *[photo] su foto
} hay texto en una escritura que no sé leer, así que no voy a adivinar. ¿Puede escribir lo que dice o pedir una persona?
text-late = No he llegado a leer todo el texto de { $what ->
    [video] su vídeo
   *[photo] su foto
}. ¿Puede enviar más de cerca la parte importante o escribir la línea que importa?
text-crashed = No he podido leer el texto de { $what ->
    [video] su vídeo
   *[photo] su foto
}. ¿Puede enviarlo otra vez o escribir la línea que importa?
unsupported = Puedo leer texto y mirar fotos y vídeos, pero no { $kind ->
    [voice] mensajes de voz
    [sticker] stickers
    [drawn] stickers animados de este tipo, que son dibujos que solo Telegram sabe reproducir
    [document] archivos que no son imágenes
   *[other] este tipo de mensaje
}. ¿Puede escribirlo o enviar una foto?
too-long = Es mucho texto ({ $length } caracteres). ¿Puede hacer su pregunta en menos de { $limit }?
failed = Algo ha fallado por nuestra parte con su último mensaje. Lo he pasado a nuestro equipo; le responderán aquí mismo.
failed-alone = Algo ha fallado por nuestra parte con su último mensaje. ¿Puede intentarlo otra vez?

voice-heard = He entendido: «{ $text }»
voice-not-heard = { $why ->
    [long] Su mensaje dura más de dos minutos. ¿Puede decirlo más corto o escribirlo?
    [silent] No he oído ninguna voz. ¿Puede repetirlo más cerca del micrófono o escribirlo?
    [noise] No he podido entender las palabras. ¿Puede repetirlo donde haya menos ruido o escribirlo?
    [unreadable] No he podido abrir esa grabación. ¿Puede enviarla otra vez o escribirlo?
   *[late] No he podido escucharlo a tiempo. ¿Puede decirlo más corto o escribirlo?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Vamos paso a paso: { $title }. Pregúnteme lo que quiera entre medias; «cancelar» lo termina.
form-took = De lo que ha enviado he tomado:
    { $facts }
form-ask = { $type ->
    [number] ¿{ $label }? Envíe un número, por favor.
    [date] ¿{ $label }? Envíe un día, por ejemplo { $example }.
    [order] ¿{ $label }? Está en el recibo o en el paquete; basta una foto.
    [choice] ¿{ $label }? Elija, por favor.
    [photo] { $label }: envíe una foto, por favor.
   *[text] ¿{ $label }? Escríbalo con sus palabras, por favor.
}
form-wrong = { $why ->
    [number] Aquí necesito un solo número.
    [range] Ese número no puede ser: debe estar entre { $least } y { $most }.
    [date] No he encontrado ningún día en eso.
    [past] Ese día aún no ha llegado.
    [future] Ese día ya pasó.
    [order] Eso no parece un número así: lleva alguna cifra y no tiene espacios.
    [choice] Elija una de estas opciones, por favor.
    [photo] Aquí necesito una foto.
   *[empty] No he encontrado la respuesta en eso.
}
form-line = • { $label }: { $value }
form-required = Nuestro equipo no puede prescindir de este dato.
form-skip = Saltar
form-cancel = Cancelar el formulario
form-later = Más tarde
form-resume = ▶️ Seguir: { $title }
form-summary = «{ $title }», tal como lo tengo:

    { $lines }

    ¿Es correcto? Entonces envíelo a nuestro equipo.
form-send = ✅ Enviar al equipo
form-change = Cambiar algo
form-change-which = ¿Qué cambio?
form-cancelled = De acuerdo, no se ha enviado nada y sus datos se han borrado.
form-paused = De acuerdo. El formulario queda como está; siga cuando quiera.
form-back = Volvemos a «{ $title }»:
form-sent = ¡Gracias! «{ $title }» va a nuestro equipo con todo lo que ha rellenado.
form-gone = Ese formulario ya no está abierto.
form-choose = ¿De qué se trata?
form-none = Aquí no hay nada que rellenar. Escriba simplemente de qué se trata.
form-skip-words = saltar, siguiente, pasar, no lo sé, no sé
form-cancel-words = cancelar, cancelar el formulario
form-later-words = más tarde, luego, ahora no
form-send-words = enviar, envíalo, mandar
form-change-words = cambiar, cambiar algo, corregir
form-yesterday = ayer
form-today = hoy
form-tomorrow = mañana
