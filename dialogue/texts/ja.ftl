not-sure = { $where ->
    [video] 動画
   *[photo] お写真
}に何が写っているのか、はっきりわかりません。名前を教えていただくか、もっと近くで明るく撮った写真を送っていただけますか？
unreadable = お写真を開けませんでした。もう一度送っていただくか、何についてか言葉で教えていただけますか？
which = どの商品のことかわかりません。名前を教えていただくか、写真を送っていただけますか？
more = ご質問を正しく理解できたか自信がありません。もう少し詳しく教えていただけますか？
more-titles = ご質問を正しく理解できたか自信がありません。次のどれかについてでしょうか？違う場合は、もう少し詳しく教えてください。
something-else = 別のことでしょうか？下から選ぶか、もう少し詳しく教えてください。
sorry = 申し訳ありません、お探しのものではありませんでしたね。別の言い方で教えていただけますか？スタッフをお呼びすることもできます。
off_topic = それについてはお手伝いできません。わかるのは当店のヘルプページにあることだけです。お店のことでほかにご用はありますか？スタッフもお手伝いできます。
language = 申し訳ありません。当店のヘルプページはお客様の言語になく、その言語では検索できません。スタッフがお手伝いできます。
danger = 私はお店の自動アシスタントにすぎず、十分なお手伝いができません。どうか今すぐ誰かに話してください：緊急通報、相談窓口、または身近な方に。スタッフがここでお返事することもできます。
unknown = 申し訳ありません、答えが見つかりません。スタッフをお呼びしましょうか？
person = かしこまりました。スタッフにおつなぎします。
declined = わかりました。ほかに何かあれば、いつでもお尋ねください。
greeting = こんにちは！当店のことなら何でもお尋ねください。写真を送っていただくこともできます。
ok = わかりました。ほかに何かありますか？
thanks = どういたしまして！ほかに何かありますか？
bye = さようなら。よい一日を！
how_are_you = 元気です、ありがとうございます！ご用件は何でしょうか？
who_are_you = 私はお店の自動アシスタントです。当店のヘルプページからお答えし、写真を見ることができ、スタッフをお呼びすることもできます。
offer = スタッフをお呼びしましょうか？
not-found = ただ、それについては当店のヘルプページに何も見つかりません。
what-about-it = 何をお知りになりたいですか？
care = 健康に関わることは、私だけに頼らないでください。包装の表示を確かめ、心配なときは医師にご相談ください。
not-that-point = ヘルプページ{ $titles }にその点は見つかりませんが、次のように書かれています：
left-open = 「{ $question }」への答えは見つかりません。
other-language = ヘルプページは別の言語で書かれています。内容は次のとおりです：
title = 「{ $title }」
and = { $first }と{ $second }
choice-one = { $where ->
    [video] 動画
   *[photo] お写真
}からははっきりわかりません。{ $first }ですか？
choice-two = { $where ->
    [video] 動画
   *[photo] お写真
}からははっきりわかりません。{ $first }ですか、それとも{ $second }ですか？
scene = { $where ->
    [video] 動画
   *[photo] お写真
}に見えるもの：{ $caption }。
noted = { $name }ですね、ありがとうございます。
damage = 損傷が見えます：{ $name }。
that-is = これは{ $name }です。
looks-like = これは{ $name }のようです。
coloured = { $name }（{ $colour }）
kind-receipt = レシート
kind-screenshot = スクリーンショット
kind-document = 書類
kind-code = バーコードまたはQRコード
read = { $where ->
    [video] 動画
   *[photo] お写真
}から読み取ったもの：{ $items }。
read-error_code = エラーコード { $value }
read-tracking = 荷物 { $value }
read-order = 注文 { $value }
read-invoice = レシート番号 { $value }
read-date = { $value }
read-total = 合計 { $value }
read-serial = シリアル番号 { $value }
read-imei = IMEI { $value }
read-gtin = 商品番号 { $value }
