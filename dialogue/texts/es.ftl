not-sure = No puedo decir con seguridad qué hay en su { $where ->
    [video] vídeo
   *[photo] foto
}. ¿Puede decirme cómo se llama o enviar una foto más cercana y clara?
unreadable = No he podido abrir su foto. ¿Puede enviarla otra vez o decirme con palabras de qué se trata?
which = No sé a qué producto se refiere. ¿Puede decirme su nombre o enviarme una foto?
more = No estoy seguro de haber entendido. ¿Puede contarme un poco más?
more-titles = No estoy seguro de haber entendido. ¿Se trata de uno de estos temas? Si no, cuénteme un poco más, por favor.
which-title = ¿Cuál de ellos es? Tóquelo o diga su número. ¿O prefiere que llame a alguien de nuestro equipo?
something-else = ¿Se refería a otra cosa? Elíjala abajo o cuénteme un poco más.
sorry = Lo siento, no era lo que buscaba. ¿Puede decirlo con otras palabras? O puedo avisar a una persona de nuestro equipo.
doubted = Me baso en esto:
off_topic = No puedo ayudarle con eso: solo sé lo que dicen las páginas de ayuda de nuestra tienda. ¿Puedo hacer algo más por usted sobre la tienda? Una persona de nuestro equipo también puede ayudarle.
language = Lo siento, nuestras páginas de ayuda no están en su idioma y no puedo buscar en ellas. Una persona de nuestro equipo puede ayudarle.
danger = Solo soy el asistente automático de una tienda y no puedo ayudarle como merece. Por favor, hable ahora con alguien: el número de emergencias, una línea de ayuda o una persona cercana. Una persona de nuestro equipo también puede escribirle aquí.
unknown = Lo siento, no encuentro una respuesta a eso. ¿Quiere que avise a una persona de nuestro equipo?
person = Por supuesto. Le paso con una persona de nuestro equipo.
declined = De acuerdo. Pregunte cuando necesite algo más.
greeting = ¡Hola! Pregúnteme lo que quiera sobre nuestra tienda o envíeme una foto de lo que se trata.
ok = Bien. ¿Algo más?
thanks = ¡De nada! ¿Algo más?
bye = ¡Adiós y que tenga un buen día!
how_are_you = ¡Muy bien, gracias! ¿Qué puedo hacer por usted?
who_are_you = Soy el asistente automático de la tienda. Respondo con nuestras páginas de ayuda, puedo mirar fotos y puedo avisar a una persona de nuestro equipo.
offer = ¿Quiere que avise a una persona de nuestro equipo?
not-found = Sin embargo, no encuentro nada sobre ello en nuestras páginas de ayuda.
what-about-it = ¿Qué le gustaría saber?
care = Por favor, no se fíe de mí en lo que toca a su salud: lea lo que dice el envase y, en caso de duda, pregunte a un médico.
not-that-point = No encuentro exactamente ese punto en nuestra página de ayuda { $titles }, pero esto es lo que dice:
left-open = No encuentro una respuesta a «{ $question }».
other-language = Nuestra página de ayuda está en otro idioma; esto es lo que dice:
title = «{ $title }»
and = { $first } y { $second }
choice-one = No estoy seguro por { $where ->
    [video] el vídeo
   *[photo] la foto
}. ¿Es { $first }?
choice-two = No estoy seguro por { $where ->
    [video] el vídeo
   *[photo] la foto
}. ¿Es { $first } o { $second }?
scene = En su { $where ->
    [video] vídeo
   *[photo] foto
} veo esto: { $caption }.
noted = { $name }, gracias.
damage = Veo daños: { $name }.
that-is = Eso es { $name }.
looks-like = Eso parece { $name }.
coloured = { $name } ({ $colour })
kind-receipt = un recibo
kind-screenshot = una captura de pantalla
kind-document = un documento
kind-code = un código de barras o QR
read = En su { $where ->
    [video] vídeo
   *[photo] foto
} leo: { $items }.
read-error_code = código de error { $value }
read-tracking = envío { $value }
read-order = pedido { $value }
read-invoice = recibo número { $value }
read-date = { $value }
read-total = un total de { $value }
read-serial = número de serie { $value }
read-imei = IMEI { $value }
read-gtin = número de artículo { $value }
