package agi

import "strings"

// applications are those of an Asterisk 22 with every module that is built by default: the names in its
// documentation (<application name="…"> in the source of branch 22), without those of modules with
// <defaultenabled>no</defaultenabled>. EXEC finds them in any case (main/pbx_app.c, pbx_findapp).
var applications = nameSet(strings.ToLower(`
	AddQueueMember ADSIProg AELSub AgentLogin AgentRequest AGI AlarmReceiver AMD Answer AttendedTransfer
	AudioSocket Authenticate BackGround BackgroundDetect BlindTransfer Bridge BridgeAdd BridgeWait
	Broadcast Busy CallCompletionCancel CallCompletionRequest CELGenUserEvent ChanIsAvail
	ChannelRedirect ChanSpy ClearHash ConfBridge ConfKick Congestion ContinueWhile ControlPlayback
	DAHDIAcceptR2Call DAHDIScan DAHDISendCallreroutingFacility DAHDISendKeypadFacility DateTime
	DBdeltree DeadAGI Dial Dictate Directory DISA DumpChan EAGI Echo Else ElseIf EndIf EndWhile Exec
	ExecIf ExecIfTime ExitIf ExitWhile ExtenSpy ExternalIVR Festival Flash FollowMe ForkCDR GetCPEID
	Gosub GosubIf Goto GotoIf GotoIfTime Hangup HangupCauseClear IAX2Provision If Incomplete JabberJoin
	JabberLeave JabberSend JabberSendGroup JACK Log MessageSend Milliwatt MinivmAccMess MinivmDelete
	MinivmGreet MinivmMWI MinivmNotify MinivmRecord MixMonitor Morsecode MP3Player MSet MusicOnHold NoOp
	ODBCFinish ODBC_Commit ODBC_Rollback Originate Page Park ParkAndAnnounce ParkedCall PauseQueueMember
	Pickup PickupChan PJSIPHangup PJSIPNotify Playback PlayTones PrivacyManager Proceeding Progress
	Queue QueueLog QueueUpdate RaiseException Read ReadExten ReceiveFAX ReceiveMF ReceiveSF ReceiveText
	Record Reload RemoveQueueMember ResetCDR RetryDial Return Ringing SayAlpha SayAlphaCase SayDigits
	SayMoney SayNumber SayOrdinal SayPhonetic SayUnixTime SendDTMF SendFAX SendMF SendSF SendText Set
	Signal SLAStation SLATrunk SMS SoftHangup SpeechActivateGrammar SpeechBackground SpeechCreate
	SpeechDeactivateGrammar SpeechDestroy SpeechLoadGrammar SpeechProcessingSound SpeechStart
	SpeechUnloadGrammar StackPop StartMusicOnHold Stasis StasisBroadcast StopMixMonitor StopMusicOnHold
	StopPlayTones StoreDTMF StreamEcho System TestClient TestServer ToneScan Transfer TryExec TrySystem
	UnpauseQueueMember UserEvent Verbose VMAuthenticate VMSayName VoiceMail VoiceMailMain
	VoiceMailPlayMsg Wait WaitDigit WaitExten WaitForCondition WaitForNoise WaitForRing WaitForSignal
	WaitForSilence WaitForTone WaitUntil While Zapateller
`))

// functions are the dialplan functions of the same modules (<function name="…">). Case counts
// (main/pbx_functions.c, ast_custom_function_find).
var functions = nameSet(`
	ABS AES_DECRYPT AES_ENCRYPT AGC AGENT AMI_CLIENT ARRAY AST_CONFIG AST_SORCERY BASE64_DECODE
	BASE64_ENCODE BASENAME BLACKLIST CALENDAR_BUSY CALENDAR_EVENT CALENDAR_QUERY CALENDAR_QUERY_RESULT
	CALENDAR_WRITE CALLCOMPLETION CALLERID CDR CDR_PROP CHANNEL CHANNELS CHANNEL_EXISTS CONFBRIDGE
	CONFBRIDGE_CHANNELS CONFBRIDGE_INFO CONNECTEDLINE CSV_QUOTE CURL CURLOPT CUT DAHDI_CHANNEL DB
	DB_DELETE DB_EXISTS DB_KEYCOUNT DB_KEYS DEC DELETE DENOISE DEVICE_STATE DIALGROUP DIALPLAN_EXISTS
	DIGIT_SUM DIRNAME DUNDILOOKUP DUNDIQUERY DUNDIRESULT ENUMLOOKUP ENUMQUERY ENUMRESULT ENV EVAL
	EVAL_EXTEN EVAL_SUB EXCEPTION EXISTS EXPORT EXTENSION_STATE FAXOPT FEATURE FEATUREMAP FIELDNUM
	FIELDQTY FILE FILE_COUNT_LINE FILE_FORMAT FILTER FRAME_DROP FRAME_TRACE GEOLOC_PROFILE GLOBAL
	GLOBAL_DELETE GLOBAL_EXISTS GROUP GROUP_COUNT GROUP_LIST GROUP_MATCH_COUNT HANGUPCAUSE
	HANGUPCAUSE_KEYS HASH HASHKEYS HINT HOLD_INTERCEPT IAXPEER IAXVAR ICONV IF IFMODULE IFTIME IMPORT
	INC ISNULL JABBER_RECEIVE JABBER_STATUS JITTERBUFFER JSON_DECODE KEYPADHASH LEN LISTFILTER LOCAL
	LOCAL_PEEK LOCK LOG_GROUP LTRIM MASTER_CHANNEL MATH MAX MD5 MESSAGE MESSAGE_DATA MIN MINIVMACCOUNT
	MINIVMCOUNTER MIXMONITOR MUTEAUDIO ODBC ODBC_FETCH PARK_GET_CHANNEL PASSTHRU PERIODIC_HOOK
	PITCH_SHIFT PJSIP_AOR PJSIP_CONTACT PJSIP_DIAL_CONTACTS PJSIP_DTMF_MODE PJSIP_ENDPOINT PJSIP_HEADER
	PJSIP_HEADERS PJSIP_HEADER_PARAM PJSIP_INHERITABLE_HEADER PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH
	PJSIP_PARSE_URI PJSIP_PARSE_URI_FROM PJSIP_RESPONSE_HEADER PJSIP_RESPONSE_HEADERS
	PJSIP_SEND_SESSION_REFRESH PJSIP_TRANSFER_HANDLING POLARITY POP PP_EACH_EXTENSION PP_EACH_USER
	PRESENCE_STATE PUSH QUEUE_EXISTS QUEUE_GET_CHANNEL QUEUE_MEMBER QUEUE_MEMBER_COUNT QUEUE_MEMBER_LIST
	QUEUE_MEMBER_PENALTY QUEUE_VARIABLES QUEUE_WAITING_COUNT QUOTE RAND REALTIME REALTIME_DESTROY
	REALTIME_FIELD REALTIME_HASH REALTIME_STORE RECORDING_INFO REDIRECTING REGEX REPLACE RTRIM SAYFILES
	SCRAMBLE SET SHA1 SHARED SHELL SHIFT SMDI_MSG SMDI_MSG_RETRIEVE SORT SPEECH SPEECH_ENGINE
	SPEECH_GRAMMAR SPEECH_RESULTS_TYPE SPEECH_SCORE SPEECH_TEXT SPRINTF SQL_ESC SQL_ESC_BACKSLASHES
	SRVQUERY SRVRESULT STACK_PEEK STAT STIR_SHAKEN STIR_SHAKEN_ATTESTATION STRBETWEEN STRFTIME STRPTIME
	STRREPLACE SYSINFO TALK_DETECT TESTTIME TIMEOUT TOLOWER TONE_DETECT TOUPPER TRIM TRYLOCK TXTCIDNAME
	UNLOCK UNSHIFT URIDECODE URIENCODE UUID VALID_EXTEN VARIABLE_EXISTS VERSION VMCOUNT VM_INFO VOLUME
`)

func nameSet(list string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		set[name] = true
	}
	return set
}

// isApplication reports whether EXEC finds an application of that name.
func isApplication(name []byte) bool {
	var room [40]byte // no name is longer
	if len(name) > len(room) {
		return false
	}
	lower := room[:len(name)]
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return applications[string(lower)]
}
