# -- what a customer reads -------------------------------------------------------------------------------------------
start = Hello { $name }! This is the assistant of { $shop }: ask me anything about the shop, or send me a photo and your question about it.

    Photos are looked at by the shop's own computer, by no other company, and their bytes are deleted when that is done. What we write is kept for { $days } days, so that I remember it and our team can help. By writing on you agree. /privacy says it in full, /forget deletes it all.

    Write “a person, please” whenever you'd rather talk to one of us. /help says more.
consent-button = All right
consent-thanks = Thank you!
help = What you can do here:

    • Ask a question, such as “when will my order arrive?”
    • Send a photo and ask about what is in it, such as “how long does this keep?” A video does, too: I look at up to eight moments of its first minute, without the sound.
    • Write “a person, please” or /person and someone from the team takes over.

    /language chooses the language I answer in. /reset makes me forget our conversation and starts anew. /privacy says what is kept about you, /export sends it to you, /forget deletes it.
reset = Done: I've forgotten what we talked about. How can I help?
language-ask = Which language shall I speak with you? I understand questions in most of them anyway.
language-set = All right, English it is.
command-unknown = I don't know { $command }. /help says what I can do.

transfer = I'm passing you on to a person from our team, with what we talked about. They will answer right here. Until then I stay out of it; /reset brings me back.
nobody = I'd gladly pass you on to a person, but nobody from the team can be reached through this chat. I'm sorry; I can only help with what our help pages say.
returned = I'm back: our team has handed the conversation to me. What else can I do for you?
returned-idle = It has been quiet here for a while, so I'm answering again. If your question is still open, just write it, or ask for a person.
transfer-later = I'm passing you on to a person from our team, with what we talked about. Nobody is there right now; they are back { $when } and will answer right here. Until then I stay out of it; /reset brings me back.
when = { $day ->
    [today] today
    [1] on Monday { $date }
    [2] on Tuesday { $date }
    [3] on Wednesday { $date }
    [4] on Thursday { $date }
    [5] on Friday { $date }
    [6] on Saturday { $date }
   *[7] on Sunday { $date }
} at { $time } ({ $zone })
joined = { $agent } from our team has joined and answers from now on.
still-waiting = You haven't been forgotten: I've asked our team again. They answer right here.
closed = Our team has closed this conversation. How did we do? If anything is still open, just write again.
rated = Thank you for your rating: { $stars } of 5.

person-button = Talk to a person
agent-says = { $agent }: { $text }
translation = 🌐 Translated by a machine: { $text }
agent-team = Our team

privacy = What { $shop } keeps about you. Words and what was seen are encrypted; dates, numbers and photos that you let us keep are not.

    • Your name, @name and language, as Telegram gives them: until you say /forget.
    • What we wrote: { $history } days.
    • Your photos, videos and voice messages: their bytes only until our computer has looked at them, minutes at most (sealed on our disk, where it is overwritten within a day); where something in one had to be hidden, the blurred copy for { $safe } days, and as long, of a picture sent as a file, a copy without what the camera wrote into it, such as the place. Which one it was and what was seen in it: { $photos } days.
    • A form that you fill in: until you send or cancel it, { $intake } days at most. When you send it, our team gets it as a document with copies of its photos; here those copies stay { $safe } days.
    • If a person helped you: what their card says, { $case } days. They see what you write from then on.
    • That something happened (a question answered, a person asked for, a rating), under a random name: 400 days.
    • Photos to learn from: only those that you say yes to, one by one, until you say /forget.

    { $model ->
        [none] Nobody but { $shop } gets any of it, besides Telegram, which carries our messages.
       *[other] Nobody but { $shop } gets any of it, besides Telegram, which carries our messages, and { $model }, a language model that chooses my answers and translates between you and our team: it is given what you and they write, and what was seen or read in a photo, never the photo.
    } What has come to its end is gone from our disk within a day. The shop's technical logs hold your Telegram number, no words. /export sends you everything, /forget deletes it.
export = Everything that is kept about you. The file can be read with any text editor.
export-wait = You had everything within this hour: it is in the file above. Ask again an hour after it.
forget-sure = Shall I forget you? All that is kept about you is deleted: what we wrote, your photos, what our team sees of it. If a person is helping you right now, that ends, too.
forget-yes = Yes, forget everything
forget-no = No, keep it
forget-kept = All right, nothing was deleted.
forgotten = Done. Nothing about you is kept here any more, and our team's conversation with you is deleted.

    What I cannot delete: this chat's messages on Telegram (you can clear the chat yourself), how often something happened (without your name), and your Telegram number in technical logs until they are rotated away, and in backups until those are. What was learnt from a photo that you let us keep stays learnt.
keep-ask = A colleague says that your photo shows: { $label }. I had got that wrong. May we keep the photo, so that I learn from it? It is used for nothing else; /forget deletes it, but not what was learnt from it by then.
keep-yes = Yes, keep it
keep-no = No
kept-thanks = Thank you! The photo is kept to learn from. /forget deletes it.
kept-not = All right, the photo is not kept.
kept-gone = Thank you, but I can't get that photo any more; nothing was kept.

# $what is "photo" or "video": said as it is in English, chosen by in other languages.
photo-empty = That file was empty. Could you send the { $what } again?
photo-too_large = { $what ->
    [video] That video is too large for me: I can take 20 MB and pictures of up to 4096 × 2160. Could you send a shorter or smaller one, or a photo of what matters?
   *[photo] That picture is too large for me to open. Could you send it as an ordinary photo, or a smaller one?
}
photo-not_an_image = { $what ->
    [video] There is no picture in that video, and I can't hear. Could you send a photo, or write what it is about?
   *[photo] I couldn't open that file as a picture. Could you send a photo (JPEG or PNG)?
}
photo-truncated = That { $what } arrived incomplete. Could you send it again?
photo-unreadable = { $what ->
    [video] I couldn't open that video. Could you send a photo of what matters, or tell me in words what it is about?
   *[photo] I couldn't open that photo. Could you send it again, or tell me in words what it is about?
}
photo-unavailable = I can't look at { $what }s right now. Could you tell me in words what it is about, or ask for a person?
photo-not-downloaded = I couldn't fetch your { $what } from Telegram. Could you send it again?
film-part = I looked only at moments of the first { $seconds } seconds of your video. If what matters comes at another time, could you send a photo of it?

photo-sensitive = Your { $what } seems to show { $kinds }. I've hidden it and keep only the hidden copy; nobody here sees it. To be safe, please delete the { $what } from this chat, too.
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
flaw-too_small = The print in your { $what } is too small for me to read. Could you move closer, so that the label fills the picture?
flaw-blurred = Your { $what } is blurred. Could you hold the camera still, tap on the print to focus, and try again?
flaw-dark = Your { $what } is too dark for me. Could you switch on a light, or the flash, and try again?
flaw-overexposed = Your { $what } is too bright: the print is washed out. Could you tilt it out of the light and try again?
flaw-cut_off = Part of the text is cut off at the edge. Could you move back a little, so that all of it is in the picture?
text-foreign = There is text in your { $what } in a script that I can't read, so I won't guess at it. Could you type what it says, or ask for a person?
text-late = I didn't manage to read all the text in your { $what }. Could you send the part that matters from closer, or type the important line?
text-crashed = I couldn't read the text in your { $what }. Could you send it again, or type the important line?

unsupported = I can read text and look at photos and videos, but not { $kind ->
    [voice] voice messages
    [sticker] stickers
    [drawn] animated stickers of this kind, which are drawings that only Telegram can play
    [document] files that aren't pictures
   *[other] this kind of message
}. Could you write it, or send a photo?
too-long = That's a lot of text ({ $length } characters). Could you put your question in fewer than { $limit }?
failed = Something went wrong on our side with your last message. I've passed it on to our team; they answer right here.
failed-alone = Something went wrong on our side with your last message. Could you try again?

voice-heard = I heard: “{ $text }”
voice-not-heard = { $why ->
    [long] Your message is longer than two minutes. Could you say it in less, or write it?
    [silent] I heard no voice in that. Could you say it again, closer to the microphone, or write it?
    [noise] I couldn't make out words in that. Could you say it again where it is quieter, or write it?
    [unreadable] I couldn't open that recording. Could you send it again, or write it?
   *[late] I didn't manage to listen to that in time. Could you say it in less, or write it?
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = Let's go through it step by step: { $title }. Ask me anything in between; “cancel” ends it.
form-took = From what you sent I took:
    { $facts }
form-ask = { $type ->
    [number] { $label }? Please send a number.
    [date] { $label }? Please send a day, such as { $example }.
    [order] { $label }? It is printed on your receipt or parcel; a photo of that will do.
    [choice] { $label }? Please choose.
    [photo] { $label }: please send a photo.
   *[text] { $label }? Please write it in your own words.
}
form-wrong = { $why ->
    [number] I need one number here.
    [range] That number cannot be right: it must be between { $least } and { $most }.
    [date] I couldn't find a day in that.
    [past] That day is still to come.
    [future] That day is over.
    [order] That doesn't look like such a number: it has a digit in it, and no blanks.
    [choice] Please choose one of these.
    [photo] I need a photo here.
   *[empty] I couldn't find the answer in that.
}
form-line = • { $label }: { $value }
form-required = Our team cannot do without this one.
form-skip = Skip
form-cancel = Cancel the form
form-later = Later
form-resume = ▶️ Go on: { $title }
form-summary = “{ $title }”, as I have it:

    { $lines }

    Is that right? Then send it to our team.
form-send = ✅ Send to the team
form-change = Change something
form-change-which = What shall I change?
form-cancelled = All right, nothing was sent, and what you filled in is deleted.
form-paused = All right. The form stays as it is; go on whenever you like.
form-back = Back to “{ $title }”:
form-sent = Thank you! “{ $title }” goes to our team with all that you filled in.
form-gone = That form is no longer open.
form-choose = What is it about?
form-none = There is nothing to fill in here. Just write what it is about.
form-skip-words = skip, next, pass, no idea
form-cancel-words = cancel, cancel the form, stop the form
form-later-words = later, not now
form-send-words = send, send it, submit
form-change-words = change, change something, correct
form-yesterday = yesterday
form-today = today
form-tomorrow = tomorrow

# -- what an agent reads: busy people, on phones --------------------------------------------------------------------
# The card is Telegram's HTML; what people wrote is escaped before it comes here.
stretch = A person of our team had this conversation from { $start } to { $end }, and it is with me again.
    { $lines }
stretch-customer = Customer
stretch-empty = Nothing was written in that time.
stretch-media = (a photo or file)
card-status = { $state ->
    [pending] ⏳ <b>Waiting since { $time }</b>
    [human] 👤 <b>{ $agent } has it</b> since { $time }
    [wrapup] ✅ <b>Closed</b> { $time }, not rated yet
    [closed] ✅ <b>Closed</b> { $time }
    [banned] ⛔ <b>Banned</b>
   *[bot] 🤖 <b>With the bot</b> since { $time }
}
card-who = <b>{ $name }</b>{ $more } · first wrote { $first }
card-why = <b>Why:</b> { $reason }
card-subject = <b>Came by the link:</b> { $subject }
card-asks = <b>Asks:</b> { $question }
card-translates = 🌐 What you write is sent as it is, with a machine's translation into { $language } below it.
card-mood = { $mood ->
    [negative] 😟 <b>Sounds upset</b>
   *[positive] 🙂 <b>Sounds content</b>
}{ $trend ->
    [worse] , more than before
    [better] , better than before
   *[none] {""}
}
queue-empty = Nobody is waiting.
queue = Waiting, the most urgent first:
    { $lines }
queue-line = { $number }. { $upset ->
    [yes] 😟{" "}
   *[no] {""}
}{ $name }: { $reason }, since { $time }
card-form = 📋 <b>Form:</b> { $title }
card-form-line = • { $label }: { $value }
form-from-photo = { $value } (from { $source })
form-unasked = not asked yet
dossier-caption = 📋 { $title }: all of it on paper, with the photos that may be shown.
dossier-head = { $name } · { $day }
dossier-photo = { $label }: { $seen }
dossier-no-photo = { $label }: a photo that is not shown here. What may be seen of it is in the topic.
dossier-talk = What was said
dossier-letters = Letters that this page cannot set are left out. They are on the card.
card-photo = <b>{ $what ->
    [video] Video
   *[photo] Photo
} { $number }:</b> { $seen }
card-heard = 🗣 Said: { $text }
card-film = Moments: { $moments }
card-film-part = Not seen as a whole: moments of its first { $seconds } seconds
card-answer = The bot said: { $answer }
card-passages = <b>Articles quoted:</b> { $titles }
card-line = { $who ->
    [bot] Bot
   *[customer] Customer
}: { $text }
card-seen = { $what ->
    [video] Video: { $seen }
   *[photo] Photo: { $seen }
}
card-unsure = not sure what this is
card-blurred = 🔒 Something in this photo must not be shown and is blurred.
card-file = (sent as a file; this is a copy without what the camera wrote into it, such as the place)
card-moments = 🔒 { $why ->
    [sensitive] Something in this video must not be shown, so the video is not. These are moments of it, with that blurred
    [part] This video could not be checked from beginning to end, so only the moments that were are shown
   *[other] Sent as a file, which may say where it was taken, so the video is not shown. These are moments of it
}: { $moments }
card-film-alone = (video; what was written beside it is above)
card-unread = { $error ->
    [empty] could not be read: the file is empty
    [too_large] could not be read: it is too large
    [not_an_image] is no picture or video
    [truncated] could not be read: it arrived incomplete
    [unavailable] was not looked at: nobody had time
   *[other] could not be read: it does not open
}
button-claim = ✋ Claim
button-claim-over = ✋ Take over
button-suggest = 💡 Suggest a reply
button-back = 🤖 Back to bot
button-close = ✅ Close
button-wrong = 👁 Vision was wrong
button-ban = ⛔ Ban
button-unban = Unban
button-send = Send
button-drop = Discard
toast-claimed = It's yours. Just write here.
toast-yours = You have it already.
toast-back = The bot answers again.
toast-closed = Closed. The customer is asked for a rating.
toast-not-yours = There is nothing to do: this conversation is with the bot, or closed.
toast-ban = Banned: nothing this customer writes is answered or passed on, but /export and /forget. “Unban” on the card undoes it.
toast-unban = Unbanned.
toast-banned = This customer is banned. Unban first.
toast-thinking = Looking for an answer…
toast-sent = Sent.
toast-dropped = Discarded.
toast-gone = This draft was sent or discarded already.
draft = 💡 Draft. The customer gets it when you tap Send.

    { $text }
draft-none = 💡 No suggestion: no article answers this.
draft-sent = 💡 Sent by { $name }:

    { $text }
draft-dropped = 💡 Discarded by { $name }.
relayed = { $name }: { $text }
forwarded-by = { $name }, forwarded from { $origin }
agent-translation = 🌐 By a machine: { $text }
relayed-edit = { $name } (edited): { $text }
agent-how = Write in a customer's topic and the customer gets it. // in front keeps a note among you.

    /bot gives the conversation back to me, /close ends it, /claim says it is yours, /suggest drafts a reply, /ban and /unban. /stats 7 shows the last seven days, /queue who is waiting.

    What is written here in General reaches no customer.
agent-two = ℹ️ { $owner } has this conversation; what { $name } wrote was sent, too.
agent-took-over = ℹ️ { $name } took this over from { $owner }.
agent-banned = ⛔ Not sent: this customer is banned. “Unban” on the card first.
agent-undelivered = ⚠️ Not delivered: { $why ->
    [blocked] the customer has blocked the bot
    [kind] a bot may not pass on this kind of message; please write it
    [part] a message that was sent in several parts, or grew too long, cannot be changed; send the correction as a new one
   *[other] { $why }
}
agent-uncarried = ⚠️ { $name } sent something that a bot may not pass on (a story, a paid photo or the like). They were told so.
agent-uncopied = ⚠️ Something of the customer's could not be shown here: { $why }
button-again = 🔁 Try again
toast-again = Trying again.
wrong-ask = 👁 What does the photo show? Tap the right one, or reply to this message with the right words (begin with the photo's number if there are several).
wrong-noted = 👁 Noted: { $label }. The customer is asked whether the photo may be kept to learn from.
agent-unchecked = ⚠️ Nobody has looked into this file: it may show a bank card or somebody's papers, or do harm when it is opened.
agent-failed = ⚠️ Something went wrong on our side with what you wrote here: the customer did not get it. Please send it again.
agent-kept = 👁 The customer said yes: the photo is kept to learn from.
toast-no-photo = There is no photo here that this can be said about.
toast-asked = Thank you. The customer is asked whether we may keep it.
stats = The last { $days ->
    [1] day
   *[other] { $days } days
}
stats-caption = How it is counted: docs/operations.md. The table has all figures.
stats-talks = conversations
stats-resolved = resolved by the bot
stats-handed_over = handed over
stats-first_reply = first reply, median
stats-rating = rating of 5
stats-undecided = too fresh to tell
stats-days = Conversations a day (orange: handed over)
stats-reasons = Why handed over
agent-blocked = ⚠️ { $name } has blocked the bot: nothing you write arrives.
agent-remind = ⏰ { $name } is still waiting for an answer.
agent-idle = 🤖 Nobody wrote for long: the bot answers again.
agent-reset = ℹ️ { $name } went back to the bot.
agent-rated = ⭐ { $stars } of 5
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
card-unread-text = { $state ->
    [foreign] Text in a script that is not read
    [late] There is text; not all of it was read
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
agent-withheld = 🔒 A { $what } came that is not shown here: { $why ->
    [caption] what is written beside it must not be seen.
    [sensitive] it holds something that must not be seen.
    [empty] the file is empty. Please ask for it again.
    [not_an_image] it is no picture or video: { $reason }. Please ask for a photo.
    [truncated] it arrived incomplete and does not open. Please ask for it again.
    [unreadable] it does not open, so it could not be checked for card numbers and the like. Please ask for it again.
    [too_large] it is too large to be checked for card numbers and the like. Please ask for a smaller one.
    [unavailable] it could not be checked for card numbers and the like in time. Please ask for it again.
    [unread] not all that is printed in it could be checked. Please ask for it again, or for the part that matters.
   *[other] it could not be checked for card numbers and the like. Please ask for it again.
}

reason = { $code ->
    [asked] asked for a person
    [accepted_offer] accepted the offer of a person
    [repeated_failure] the bot did not find the answer, twice in a row
    [low_confidence] the bot was not sure enough
    [policy] a rule of the shop: a person decides this
    [sensitive] a sensitive matter
    [model_error] the bot failed
    [unreadable_photo] two photos in a row could not be read
    [form] a form was filled in
    [other] the bot could not go on
   *[unknown] { $code }
}
