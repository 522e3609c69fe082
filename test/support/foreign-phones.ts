/** The tokens in the requests of test/captures. */
export const VOIP_TOKEN = "39f161b205281f890715e625a7093d90af2fa281a7fcda82a7267f93d4b73df1";
export const REMOTE_TOKEN = "a652aee84bdec6c2859eec89a6e5b1a42c400fba43070f404148f27b502610b6";
export const FCM_TOKEN =
  "cUNaHkG98QM:APA91bE83L4-r_EVyMXxCJHVSND_GvNRpsxp3o8FoY4oRT0f1Iv9TdNhcoLh7xp2rqY-yXkf4m0JNrbS3ZueJnTF3Xjj1MwK86qSOQ5rScM824_lJlUBy9wKwLrp0gMdSmuZPlszN-Np";
export const CALL_ID = "a84b4c76e66710";
