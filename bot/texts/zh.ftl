# 顾客读到的内容。工作人员读到的是店铺的语言（BOT_LANGUAGE）或英语。
start = { $name }，您好！我是{ $shop }的助手：关于本店的任何问题都可以问我，也可以发照片并附上您的问题。

    照片由本店自己的电脑查看，不经过其他公司，看完即删除。我们的对话保存 { $days } 天，好让我记得，也让我们的工作人员能够帮忙。您写信息即表示同意。/privacy 有完整说明，/forget 会删除全部内容。

    想和我们的人说话时，随时写“转人工”。/help 有更多说明。
consent-button = 好的
consent-thanks = 谢谢！
help = 您可以在这里：

    • 提问，例如“我的订单什么时候到？”
    • 发照片并提问，例如“这个能放多久？”视频也可以：我会看前一分钟里最多八个瞬间，没有声音。
    • 写“转人工”或 /person，我们的工作人员就会接手。

    /language 选择我用的语言。/reset 让我忘记我们的对话并重新开始。/privacy 说明保存了您的哪些信息，/export 把它发给您，/forget 把它删除。
reset = 好了：我已忘记我们谈过的内容。有什么可以帮您？
language-ask = 您希望我用哪种语言？大多数语言的问题我本来就看得懂。
language-set = 好的，用中文。
command-unknown = 我不认识 { $command }。/help 说明我能做什么。
transfer = 我为您转接我们的工作人员，并附上我们谈过的内容。他们会在这里回复。在此之前我不再插话；/reset 可以让我回来。
nobody = 我很想为您转接人工，但通过这个聊天联系不到我们的人。抱歉，我只能根据我们帮助页面里的内容帮忙。
returned = 我回来了：我们的工作人员把对话交还给了我。还有什么可以帮您？
returned-idle = 这里安静了一阵，所以由我继续回答。如果您的问题还没解决，请直接写，或者要求转人工。
transfer-later = 我为您转接我们的工作人员，并附上我们谈过的内容。现在没有人在，他们{ $when }回来，会在这里回复。在此之前我不再插话；/reset 可以让我回来。
when = { $day ->
    [today] 今天
    [1] 星期一（{ $date }）
    [2] 星期二（{ $date }）
    [3] 星期三（{ $date }）
    [4] 星期四（{ $date }）
    [5] 星期五（{ $date }）
    [6] 星期六（{ $date }）
   *[7] 星期日（{ $date }）
} { $time }（{ $zone }）
joined = 我们的工作人员 { $agent } 已加入，从现在起由他回复。
still-waiting = 没有忘记您：我又问了我们的工作人员一次。他们会在这里回复。
closed = 我们的工作人员结束了这次对话。您觉得怎么样？如果还有问题，请再写信息。
rated = 感谢您的评分：{ $stars } 分（满分 5 分）。
person-button = 转人工
agent-says = { $agent }：{ $text }
translation = 🌐 机器翻译：{ $text }
agent-team = 我们的团队
privacy = { $shop }保存您的哪些信息。文字和看到的内容是加密的；日期、号码以及您允许我们保留的照片没有加密。

    • 您的姓名、@用户名和语言（由 Telegram 提供）：直到您使用 /forget。
    • 我们的对话：{ $history } 天。
    • 您的照片、视频和语音消息：只保存到我们的电脑看完为止，最多几分钟；如果其中有内容需要遮挡，遮挡后的副本保存 { $safe } 天；以文件形式发来的图片，去掉相机写入的信息（例如地点）的副本也保存同样长的时间。是哪张照片、看到了什么：{ $photos } 天。
    • 您填写的表单：直到您发出或取消，最多 { $intake } 天。发出后，我们的团队会收到一份附有照片副本的文件；这些副本在这里保存 { $safe } 天。
    • 如果有人帮助过您：他们卡片上的内容，{ $case } 天。从那时起您写的内容他们能看到。
    • 发生过什么（回答了问题、要求人工、评分），用随机名称记录：400 天。
    • 用于学习的照片：只有您逐张同意的，直到您使用 /forget。

    { $model ->
        [none] 除了{ $shop }，没有人得到这些信息；Telegram 传送我们的消息，所以除外。
       *[other] 除了{ $shop }，没有人得到这些信息；传送我们消息的 Telegram 和为我挑选答案、并在您和我们团队之间翻译的语言模型 { $model } 除外：它得到您和团队写的内容以及从照片里看到或读到的内容，从不得到照片。
    } 本店的技术日志里有您的 Telegram 号码，没有文字。/export 把全部内容发给您，/forget 把它删除。
export = 保存的关于您的全部内容。任何文本编辑器都能打开这个文件。
export-wait = 一小时内已经把全部内容发给您了：就在上面的文件里。请在一小时后再索取。
forget-sure = 要我忘记您吗？保存的关于您的一切都会删除：我们的对话、您的照片、我们的工作人员看到的内容。如果现在有人正在帮您，也会结束。
forget-yes = 是，全部忘记
forget-no = 不，保留
forget-kept = 好的，什么都没有删除。
forgotten = 完成。这里不再保存关于您的任何内容，我们的工作人员与您的对话也已删除。

    我无法删除的：Telegram 上这个聊天的消息（您可以自己清空）、某件事发生的次数（没有您的名字）、技术日志和备份里的 Telegram 号码（直到它们被轮换）。已经从您同意保留的照片学到的内容会保留。
keep-ask = 同事说您的照片里是：{ $label }。我看错了。可以保留这张照片让我学习吗？不会用于别的用途；/forget 会删除它，但不会删除到那时已学到的内容。
keep-yes = 可以，保留
keep-no = 不
kept-thanks = 谢谢！照片已保留用于学习。/forget 会删除它。
kept-not = 好的，不保留这张照片。
kept-gone = 谢谢，但我已经取不到那张照片了；什么都没有保留。
photo-empty = 那个文件是空的。能再发一次{ $what ->
    [video] 视频
   *[photo] 照片
}吗？
photo-too_large = { $what ->
    [video] 那个视频太大了：我最多能接收 20 MB、画面 4096 × 2160 以内。能发一个更短或更小的，或者发一张关键部分的照片吗？
   *[photo] 那张图片太大，我打不开。能作为普通照片发送，或者发一张小一点的吗？
}
photo-not_an_image = { $what ->
    [video] 那个视频里没有画面，而我听不到声音。能发一张照片，或者写下是什么事吗？
   *[photo] 我无法把那个文件当作图片打开。能发一张照片（JPEG 或 PNG）吗？
}
photo-truncated = 那{ $what ->
    [video] 个视频
   *[photo] 张照片
}没有完整收到。能再发一次吗？
photo-unreadable = { $what ->
    [video] 我打不开那个视频。能发一张关键部分的照片，或者用文字告诉我是什么事吗？
   *[photo] 我打不开那张照片。能再发一次，或者用文字告诉我是什么事吗？
}
photo-unavailable = 我现在无法查看{ $what ->
    [video] 视频
   *[photo] 照片
}。能用文字告诉我是什么事，或者要求转人工吗？
photo-not-downloaded = 我无法从 Telegram 取到您的{ $what ->
    [video] 视频
   *[photo] 照片
}。能再发一次吗？
film-part = 我只看了您视频前 { $seconds } 秒里的几个瞬间。如果关键内容在别的时间，能发一张照片吗？
photo-sensitive = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}里似乎有{ $kinds }。我已把它遮挡，只保留遮挡后的副本；这里没有人看到它。为安全起见，请也在这个聊天里删除原来的{ $what ->
    [video] 视频
   *[photo] 照片
}。
sensitive = { $type ->
    [card] 银行卡号
    [iban] 银行账号
    [mrz] 身份证件
    [licence] 驾驶证
    [wifi] Wi-Fi 密码
    [otp] 一次性密码的密钥
   *[other] 私人内容
}
list-and = { $items }
flaw-too_small = { $what ->
    [video] 视频
   *[photo] 照片
}里的字太小，我看不清。能靠近一些，让标签占满画面吗？
flaw-blurred = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}模糊了。能拿稳相机、点一下文字对焦，再试一次吗？
flaw-dark = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}太暗了。能开灯或打开闪光灯，再试一次吗？
flaw-overexposed = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}太亮了，字迹发白。能避开光线再试一次吗？
flaw-cut_off = 边缘有一部分文字被截掉了。能退后一点，让它全部进入画面吗？
text-foreign = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}里有我看不懂的文字，所以我不猜。能打出它的内容，或者要求转人工吗？
text-late = 您的{ $what ->
    [video] 视频
   *[photo] 照片
}里的文字我没有全部读完。能把关键部分靠近拍一张，或者打出关键的那一行吗？
text-crashed = 我读不了您的{ $what ->
    [video] 视频
   *[photo] 照片
}里的文字。能再发一次，或者打出关键的那一行吗？
unsupported = 我能读文字、看照片和视频，但不能处理{ $kind ->
    [voice] 语音消息
    [sticker] 贴纸
    [drawn] 这种动态贴纸（只有 Telegram 能播放的图画）
    [document] 不是图片的文件
   *[other] 这种消息
}。能用文字写下来，或者发一张照片吗？
too-long = 文字太多了（{ $length } 个字符）。能把问题写在 { $limit } 个字符以内吗？
failed = 您上一条消息在我们这边出了问题。我已转给我们的工作人员，他们会在这里回复。
failed-alone = 您上一条消息在我们这边出了问题。能再试一次吗？

voice-heard = 我听到的是：“{ $text }”
voice-not-heard = { $why ->
    [long] 您的语音超过两分钟。能说短一些，或者写下来吗？
    [silent] 我没有听到人声。能靠近话筒再说一遍，或者写下来吗？
    [noise] 我听不清里面的话。能在安静的地方再说一遍，或者写下来吗？
    [unreadable] 这段录音我打不开。能再发一次，或者写下来吗？
   *[late] 我没能及时听完。能说短一些，或者写下来吗？
}

# Forms (shop/forms).
form-start = 📋 { $title }
form-begin = 我们一步一步来：{ $title }。中间随时可以提问；说“取消”就结束。
form-took = 从您发来的内容里，我记下了：
    { $facts }
form-ask = { $type ->
    [number] { $label }？请发一个数字。
    [date] { $label }？请发一个日期，例如 { $example }。
    [order] { $label }？它印在小票或包裹上，拍张照片也行。
    [choice] { $label }？请选择。
    [photo] { $label }：请发一张照片。
   *[text] { $label }？请用您自己的话写下来。
}
form-wrong = { $why ->
    [number] 这里需要一个数字。
    [range] 这个数字不对：应在 { $least } 到 { $most } 之间。
    [date] 我没有从中找到日期。
    [past] 那一天还没到。
    [future] 那一天已经过去了。
    [order] 这不像这样的号码：它含有数字，没有空格。
    [choice] 请选择其中一项。
    [photo] 这里需要一张照片。
   *[empty] 我没有从中找到答案。
}
form-line = • { $label }: { $value }
form-required = 没有这一项，我们的团队无法处理。
form-skip = 跳过
form-cancel = 取消表单
form-later = 以后再说
form-resume = ▶️ 继续：{ $title }
form-summary = “{ $title }”，我记下的是：

    { $lines }

    对吗？对的话就发给我们的团队。
form-send = ✅ 发给团队
form-change = 修改
form-change-which = 要修改哪一项？
form-cancelled = 好的，什么都没有发出，您填写的内容已删除。
form-paused = 好的。表单保持原样，您随时可以继续。
form-back = 回到“{ $title }”：
form-sent = 谢谢！“{ $title }”连同您填写的全部内容会交给我们的团队。
form-gone = 那个表单已经不在了。
form-choose = 是关于什么的？
form-none = 这里没有需要填写的。请直接写下是什么事。
form-skip-words = 跳过, 下一个, 不知道
form-cancel-words = 取消, 取消表单
form-later-words = 以后再说, 稍后, 现在不行
form-send-words = 发送, 提交, 发给团队
form-change-words = 修改, 更改, 改一下
form-yesterday = 昨天
form-today = 今天
form-tomorrow = 明天
