# -- what a customer reads -------------------------------------------------------------------------------------------
start = Hello { $name }! I'm the assistant of { $shop }. Ask me anything about the shop, or send me a photo and your question about it.

    Photos are looked at by the shop's own computer and are not kept. Write “a person, please” whenever you'd rather talk to one of us. /help says more.
help = What you can do here:

    • Ask a question, such as “when will my order arrive?”
    • Send a photo and ask about what is in it, such as “how long does this keep?”
    • Write “a person, please” and someone from the team takes over.

    /reset makes me forget our conversation and starts anew.
reset = Done: I've forgotten what we talked about. How can I help?
command-unknown = I don't know { $command }. /help says what I can do.

transfer = I'm passing you on to a person from our team, with what we talked about. They will answer right here. Until then I stay out of it; /reset brings me back.
nobody = I'd gladly pass you on to a person, but nobody from the team can be reached through this chat. I'm sorry; I can only help with what our articles say.
returned = I'm back: our team has handed the conversation to me. What else can I do for you?

person-button = Talk to a person
agent-says = { $agent }: { $text }
agent-team = Our team

photo-empty = That file was empty. Could you send the photo again?
photo-too_large = That picture is too large for me to open. Could you send it as an ordinary photo, or a smaller one?
photo-not_an_image = I couldn't open that file as a picture. Could you send a photo (JPEG or PNG)?
photo-truncated = That photo arrived incomplete. Could you send it again?
photo-unreadable = I couldn't open that photo. Could you send it again, or tell me in words what it is about?
photo-unavailable = I can't look at photos right now. Could you tell me in words what it is about, or ask for a person?
photo-not-downloaded = I couldn't fetch your photo from Telegram. Could you send it again?

photo-sensitive = Your photo seems to show { $kinds }. I've hidden it and keep only the hidden copy; nobody here sees it. To be safe, please delete the photo from this chat, too.
sensitive = { $type ->
    [card] a payment card's number
    [iban] a bank account number
    [mrz] an identity document
    [licence] a driving licence
    [wifi] a Wi-Fi password
    [otp] the secret of a one-time password
   *[other] something private
}
list-and = { $items }
flaw-too_small = The print in your photo is too small for me to read. Could you move closer, so that the label fills the picture?
flaw-blurred = Your photo is blurred. Could you hold the camera still, tap on the print to focus, and try again?
flaw-dark = Your photo is too dark for me. Could you switch on a light, or the flash, and try again?
flaw-overexposed = Your photo is too bright: the print is washed out. Could you tilt it out of the light and try again?
flaw-cut_off = Part of the text is cut off at the edge. Could you move back a little, so that all of it is in the picture?
text-foreign = There is text in your photo in a script that I can't read, so I won't guess at it. Could you type what it says, or ask for a person?
text-late = I didn't manage to read the text in your photo in time. Could you send it again, or type the important line?
text-crashed = I couldn't read the text in your photo. Could you send it again, or type the important line?

unsupported = I can read text and look at photos, but not { $kind ->
    [voice] voice messages
    [video] videos
    [sticker] stickers
    [document] files that aren't pictures
   *[other] this kind of message
}. Could you write it, or send a photo?
too-long = That's a lot of text ({ $length } characters). Could you put your question in fewer than { $limit }?
failed = Something went wrong on our side with your last message. I've told our team; you can also try again.
failed-alone = Something went wrong on our side with your last message. Could you try again?

# -- what an agent reads ---------------------------------------------------------------------------------------------
card = { $tag } · { $name } would like a person
    Why: { $reason }

    { $transcript }

    Reply to this message and { $name } gets your answer. Reply /bot to give the conversation back.
card-empty = (nothing was said before)
card-line = { $who ->
    [bot] Bot
   *[customer] Customer
}: { $text }
card-seen = Photo: { $seen }
card-unsure = not sure what this is
card-reference = Read: { $type ->
    [order] order
    [invoice] invoice
    [tracking] parcel
    [serial] serial number
    [imei] IMEI
    [error_code] error code
    [date] date
    [total] total
    [phone] phone
    [email] e-mail
    [url] link (not opened)
    [gtin] article number
   *[other] { $type }
} { $detail ->
    [UPS] (UPS) { $value }
    [DHL] (DHL) { $value }
    [post] (post) { $value }
    [USPS] (USPS) { $value }
    [Amazon] (Amazon) { $value }
    [SSCC] (SSCC) { $value }
   *[other] { $value }
}
card-code = Code ({ $symbology }): { $payload }
card-text = Text: { $text }{ $more ->
    [0] {""}
   *[other] { " " }… and { $more } more lines
}
card-unread = { $state ->
    [foreign] Text in a script that is not read
    [late] There is text; it was not read in time
    [crashed] There is text; reading it failed
   *[other] { $count } pieces of text could not be read for sure
}
card-hidden = Hidden: { $type }
card-flaw = Picture: { $flaw ->
    [too_small] too small to read
    [blurred] blurred
    [dark] too dark
    [overexposed] too bright
    [cut_off] cut off at the edge
   *[other] { $flaw }
}
agent-withheld = { $tag } · { $name } sent a photo that could not be checked for card numbers and the like, so it is not shown here. Please ask for it again.
relayed = { $tag } · { $name }: { $text }
relayed-photo = { $tag } · { $name } sent a photo
agent-how = Reply to a customer's card or message and I pass your words on. Reply /bot there to give the conversation back to me.
agent-sent-back = { $tag } · The bot answers { $name } again.
agent-not-yours = { $tag } · This conversation is with the bot already.
agent-only-text = { $tag } · Only text can be passed on so far; your message did not reach the customer.
agent-reset = { $tag } · { $name } went back to the bot.
agent-failed = { $tag } · The bot failed on the customer's last message; please have a look.

reason = { $code ->
    [asked] the customer asked for a person
    [accepted_offer] the customer accepted the offer
    [repeated_failure] the bot did not find the answer twice in a row
    [low_confidence] the bot was not sure enough
    [model_error] the bot failed
    [unreadable_photo] the photo could not be read
   *[other] { $code }
}
