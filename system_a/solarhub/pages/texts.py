"""What stands on the pages, in English and in Urdu: pure."""

from collections.abc import Mapping
from functools import cache

from solarhub.accounts.vocabulary import Language

_TEXTS: Mapping[str, tuple[str, str]] = {
    # on every page
    "unreachable": (
        "The hub does not answer. Look at your connection and try again.",
        "ہب جواب نہیں دے رہا۔ اپنا انٹرنیٹ دیکھ کر دوبارہ کوشش کریں۔",
    ),
    "failed": ("That did not work.", "یہ نہیں ہو سکا۔"),
    "too_many": (
        "Too many tries. Wait a little, then try again.",
        "بہت زیادہ کوششیں ہوئیں۔ کچھ دیر بعد دوبارہ کوشش کریں۔",
    ),
    "link_refused": (
        "This link does not work: it was used, replaced by a newer one, or has run out. Ask for a new one.",
        "یہ لنک کام نہیں کرتا: یہ استعمال ہو چکا، نئے لنک سے بدل گیا، یا اس کی مدت ختم ہو گئی۔ نیا لنک منگوائیں۔",
    ),
    "no_script": (
        "This page needs JavaScript, which your browser does not run here.",
        "اس صفحے کو جاوا سکرپٹ چاہیے، جو آپ کے براؤزر میں بند ہے۔",
    ),
    "to_the_hub": ("To your plants", "اپنے پلانٹس پر جائیں"),
    "sign_out": ("Sign out", "سائن آؤٹ"),
    "continue": ("Continue", "آگے بڑھیں"),
    "in_english": ("English", "English"),
    "in_urdu": ("اردو", "اردو"),
    # the overview
    "as_of": ("as of", "وقت"),
    "away": ("The hub does not answer; what stands here is old.", "ہب جواب نہیں دے رہا؛ یہ معلومات پرانی ہیں۔"),
    "you": ("You", "آپ"),
    "and_more": (" and %d more", " اور %d مزید"),
    "locked": (
        "%s asks for a second factor before it shows its plants.",
        "%s اپنے پلانٹ دکھانے سے پہلے دوسری تصدیق مانگتا ہے۔",
    ),
    "set_up_second_factor": ("Set one up, and sign in with it.", "اسے فعال کریں اور اس کے ساتھ سائن اِن کریں۔"),
    "counts": ("How many plants stand how", "کتنے پلانٹ کس حال میں ہیں"),
    "plants_worst_first": ("Plants, the worst first", "پلانٹ، سب سے خراب پہلے"),
    "power_now": ("Power now", "اس وقت پاور"),
    "last_power": ("Last power", "آخری پاور"),
    "last_reading": ("Last reading", "آخری خبر"),
    "curve": ("Power from midnight to midnight at the plant", "پلانٹ کی آدھی رات سے آدھی رات تک پاور"),
    "does_not_report": ("does not report.", "خبر نہیں دے رہا۔"),
    "do_not_report": ("do not report.", "خبر نہیں دے رہے۔"),
    "since": ("since %s", "%s سے"),
    "not_shown": (
        "%d plants that stand no worse are not shown.",
        "%d پلانٹ، جن کا حال اس سے برا نہیں، نہیں دکھائے گئے۔",
    ),
    "views": ("Which plants are shown", "کون سے پلانٹ دکھائے جائیں"),
    "all_plants": ("All plants", "سب پلانٹ"),
    "attention": ("Those that need attention", "توجہ طلب پلانٹ"),
    "none_needs_attention": ("No plant needs attention.", "کسی پلانٹ کو توجہ کی ضرورت نہیں۔"),
    "no_plant": ("No plant yet.", "ابھی کوئی پلانٹ نہیں۔"),
    "no_plant_yet": (
        "Plants appear here as soon as they are entered, or somebody lets you see one.",
        "پلانٹ درج ہوتے ہی، یا کسی کے آپ کو دکھانے پر، یہاں نظر آئیں گے۔",
    ),
    # signing in
    "sign_in": ("Sign in", "سائن اِن"),
    "email": ("E-mail address", "ای میل"),
    "password": ("Password", "پاس ورڈ"),
    "sign_in_refused": ("The e-mail address or the password is not right.", "ای میل یا پاس ورڈ درست نہیں۔"),
    "code_refused": ("The code is not right, or it was used already.", "کوڈ درست نہیں، یا استعمال ہو چکا ہے۔"),
    "forgot": ("Forgot your password?", "پاس ورڈ بھول گئے؟"),
    "second_factor": ("Second factor", "دوسری تصدیق"),
    "code": ("Code", "کوڈ"),
    "code_hint": (
        "The six digits that your authenticator shows, or one of your recovery codes.",
        "وہ چھ ہندسے جو آپ کی تصدیقی ایپ دکھا رہی ہے، یا آپ کا ایک بحالی کوڈ۔",
    ),
    "signing_in": ("Signing you in …", "سائن اِن ہو رہا ہے …"),
    "start_over": ("Start over", "شروع سے"),
    # setting the hub up
    "setup": ("Set this hub up", "ہب کی ابتدائی ترتیب"),
    "setup_intro": (
        "You are its first person: you will run it, and can invite everybody else.",
        "آپ اس کے پہلے فرد ہیں: آپ اسے چلائیں گے اور باقی سب کو دعوت دے سکیں گے۔",
    ),
    "setup_no_token": (
        "Open the set-up link that the hub printed when it started; it is valid for one day.",
        "وہ لنک کھولیں جو ہب نے شروع ہوتے وقت لکھا تھا؛ وہ ایک دن کے لیے ہے۔",
    ),
    "first_name": ("First name", "نام"),
    "last_name": ("Last name", "خاندانی نام"),
    "organization": ("Your organization", "آپ کا ادارہ"),
    "new_password": ("New password", "نیا پاس ورڈ"),
    "password_hint": (
        "At least 12 characters, of any kind. Four words that do not belong together are good.",
        "کم از کم 12 حروف، کسی بھی قسم کے۔ چار بے جوڑ الفاظ اچھے رہتے ہیں۔",
    ),
    "set_up": ("Set up", "ترتیب مکمل کریں"),
    # invitations
    "invitation": ("Invitation", "دعوت"),
    "invitation_no_token": (
        "Open the link of your invitation once more; all of it, up to its last character.",
        "اپنی دعوت کا لنک دوبارہ کھولیں؛ پورا، آخری حرف تک۔",
    ),
    "invited_membership": (
        "{who} invites you to {organization} as {role}.",
        "{who} آپ کو {organization} میں بطور {role} شامل ہونے کی دعوت دیتے ہیں۔",
    ),
    "invited_site_grant": (
        "{who} lets you see the plant {site} of {organization}, as {role}.",
        "{who} آپ کو {organization} کا پلانٹ {site} بطور {role} دکھانا چاہتے ہیں۔",
    ),
    "invited_handover": (
        "{who} of {organization} hands the plant {site} over to you, with its devices and its history.",
        "{organization} کے {who} پلانٹ {site} اپنے آلات اور ریکارڈ سمیت آپ کے حوالے کر رہے ہیں۔",
    ),
    "invited_by_nobody": ("The hub", "ہب"),
    "invited_until": ("What it gives ends on {date}.", "یہ حق {date} تک ہے۔"),
    "role_owner": ("owner", "مالک"),
    "role_admin": ("administrator", "منتظمِ اعلیٰ"),
    "role_manager": ("manager", "مینیجر"),
    "role_viewer": ("viewer", "ناظر"),
    "role_installer": ("installer", "انسٹالر"),
    "accept": ("Accept", "قبول کریں"),
    "sign_in_to_accept": ("Sign in to accept it.", "قبول کرنے کے لیے سائن اِن کریں۔"),
    "sign_in_and_accept": ("Sign in and accept", "سائن اِن اور قبول کریں"),
    "begin_and_accept": ("Begin your account and accept", "اکاؤنٹ بنائیں اور قبول کریں"),
    "begin_account": ("Choose a password and your account begins.", "پاس ورڈ چنیں، آپ کا اکاؤنٹ بن جائے گا۔"),
    "have_account": ("I have an account", "میرا اکاؤنٹ ہے"),
    "no_account": ("I am new here", "میں نیا ہوں"),
    "other_person": (
        "You are signed in as somebody else. Sign out, and this invitation is still good.",
        "آپ کسی اور نام سے سائن اِن ہیں۔ سائن آؤٹ کریں، یہ دعوت برقرار رہے گی۔",
    ),
    "takes_the_plant": ("The plant goes to", "پلانٹ جائے گا"),
    "a_new_organization": ("a new organization", "ایک نئے ادارے کو"),
    "organization_name": ("Name of the organization", "ادارے کا نام"),
    # passwords and addresses
    "reset": ("New password", "نیا پاس ورڈ"),
    "reset_intro": (
        "Tell us your e-mail address, and a link comes to it with which you choose a new password.",
        "اپنی ای میل لکھیں، اس پر ایک لنک آئے گا جس سے آپ نیا پاس ورڈ چن سکیں گے۔",
    ),
    "reset_send": ("Send the link", "لنک بھیجیں"),
    "reset_sent": (
        "If there is an account with this address, a letter is on its way. Its link works for one hour.",
        "اگر اس ای میل کا اکاؤنٹ ہے تو خط روانہ ہو گیا ہے۔ اس کا لنک ایک گھنٹے تک کام کرتا ہے۔",
    ),
    "reset_save": ("Save the password", "پاس ورڈ محفوظ کریں"),
    "reset_done": ("Your password is changed. Sign in with it.", "آپ کا پاس ورڈ بدل گیا۔ اس سے سائن اِن کریں۔"),
    "verify": ("E-mail address", "ای میل"),
    "verifying": ("Confirming your e-mail address …", "ای میل کی تصدیق ہو رہی ہے …"),
    "verified": ("Your e-mail address is confirmed.", "آپ کی ای میل کی تصدیق ہو گئی۔"),
    "link_no_token": (
        "Open the link in your letter once more; all of it, up to its last character.",
        "اپنے خط کا لنک دوبارہ کھولیں؛ پورا، آخری حرف تک۔",
    ),
    # the account
    "account": ("Your account", "آپ کا اکاؤنٹ"),
    "is_verified": ("confirmed", "تصدیق شدہ"),
    "not_verified": ("not confirmed yet", "ابھی تصدیق نہیں ہوئی"),
    "send_again": ("Send the letter again", "خط دوبارہ بھیجیں"),
    "letter_sent": ("The letter is on its way.", "خط روانہ ہو گیا۔"),
    "change_email": ("Change the e-mail address", "ای میل بدلیں"),
    "new_email": ("New e-mail address", "نئی ای میل"),
    "email_asked": (
        "A letter is on its way to the new address; it counts once you open the link in it.",
        "نئی ای میل پر خط روانہ ہو گیا؛ اس کا لنک کھولنے پر نئی ای میل لاگو ہو گی۔",
    ),
    "language": ("Language", "زبان"),
    "first_view": ("First view", "پہلے کیا نظر آئے"),
    "refresh_interval": ("Seconds between refreshes", "کتنے سیکنڈ بعد تازہ ہو"),
    "saved": ("Saved.", "محفوظ ہو گیا۔"),
    "save": ("Save", "محفوظ کریں"),
    "change_password": ("Change the password", "پاس ورڈ بدلیں"),
    "present_password": ("Present password", "موجودہ پاس ورڈ"),
    "password_changed": (
        "The password is changed; all other browsers are signed out.",
        "پاس ورڈ بدل گیا؛ باقی سب براؤزر سائن آؤٹ ہو گئے۔",
    ),
    "factor_is_on": (
        "On. After the password you are asked for a code. Recovery codes left: {left}.",
        "فعال۔ پاس ورڈ کے بعد کوڈ مانگا جاتا ہے۔ باقی بحالی کوڈ: {left}۔",
    ),
    "factor_is_off": (
        "Off. With an authenticator app on your phone nobody gets in with the password alone.",
        "بند۔ فون پر تصدیقی ایپ ہو تو کوئی صرف پاس ورڈ سے داخل نہیں ہو سکتا۔",
    ),
    "factor_begin": ("Set it up", "فعال کریں"),
    "factor_scan": (
        "Scan this with your authenticator app, then type the code that it shows.",
        "اسے اپنی تصدیقی ایپ سے سکین کریں، پھر ایپ کا دکھایا ہوا کوڈ لکھیں۔",
    ),
    "factor_key": ("Or type this key into the app:", "یا یہ کلید ایپ میں لکھیں:"),
    "factor_open": ("Open the app on this device", "اسی آلے پر ایپ کھولیں"),
    "factor_confirm": ("Switch it on", "فعال کریں"),
    "factor_remove": ("Switch it off", "بند کریں"),
    "recovery_renew": ("New recovery codes", "نئے بحالی کوڈ"),
    "recovery_codes": (
        "Each of these opens your account once, when the phone is lost. Write them down: they are not shown again.",
        "فون گم ہونے پر ان میں سے ہر کوڈ ایک بار اکاؤنٹ کھولتا ہے۔ انہیں لکھ لیں: یہ دوبارہ نہیں دکھائے جائیں گے۔",
    ),
    "sessions": ("Where you are signed in", "آپ کہاں سائن اِن ہیں"),
    "this_browser": ("this browser", "یہی براؤزر"),
    "last_used": ("last used {when}", "آخری استعمال {when}"),
    "end_session": ("Sign out there", "وہاں سے سائن آؤٹ"),
    "end_others": ("Sign out everywhere else", "باقی ہر جگہ سے سائن آؤٹ"),
    "unknown_browser": ("a browser that did not say which", "نامعلوم براؤزر"),
}


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Every text of that language by its key."""
    return {key: pair[language is Language.URDU] for key, pair in _TEXTS.items()}
