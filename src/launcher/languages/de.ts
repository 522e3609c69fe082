import type { Texts } from "./texts.ts";

export const GERMAN: Texts = {
  language: "de",
  launch: {
    title: (app) => `${app} öffnen`,
    intro: (app) => `Dieser Link richtet ${app} mit Ihrem Konto ein.`,
    open: "App öffnen",
    pointCamera: "Ist die App auf Ihrem Telefon? Richten Sie dessen Kamera hierher.",
    qrCode: "QR-Code, der die App auf Ihrem Telefon öffnet",
    getFromApple: (app) => `${app} im App Store laden`,
    getFromGoogle: (app) => `${app} bei Google Play laden`,
  },
  badLink: {
    title: "Dieser Link funktioniert nicht",
    why: "Er ist unvollständig oder für eine andere App bestimmt.",
    what: "Öffnen Sie ihn noch einmal vollständig aus der Nachricht, oder fordern Sie einen neuen an.",
  },
  tooManyLinks: {
    title: "Bitte warten Sie einen Moment",
    what: "Aus Ihrem Netz wurden zu viele Links geöffnet. Versuchen Sie es in einer Minute noch einmal.",
  },
  form: {
    title: (app) => `Bei ${app} anmelden`,
    introEmail: "Wir senden einen Code an Ihre E-Mail-Adresse und danach einen Link, der die App einrichtet.",
    introPhone: "Wir senden einen Code an Ihr Telefon und danach einen Link, der die App einrichtet.",
    name: "Ihr Name",
    phone: "Telefonnummer",
    email: "E-Mail-Adresse",
    optional: "freiwillig",
    leaveEmpty: "Bitte leer lassen",
    send: "Code senden",
    terms: "Nutzungsbedingungen",
    privacy: "Datenschutz",
  },
  errors: {
    nameMissing: "Geben Sie Ihren Namen ein.",
    nameSigns: "Geben Sie Ihren Namen ohne Sonderzeichen ein.",
    email: "Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.org.",
    phoneInternational: "Geben Sie eine Telefonnummer mit Landesvorwahl ein, zum Beispiel +43 664 1234567.",
    phoneCountry: "Geben Sie eine Telefonnummer aus einem Land ein, für das dieser Dienst gedacht ist.",
    phoneNational: "Geben Sie eine Telefonnummer ein, zum Beispiel 0664 1234567 oder +43 664 1234567.",
  },
  code: {
    title: "Code eingeben",
    intro: (sentTo) => `Wir haben einen sechsstelligen Code an ${sentTo} gesendet. Er gilt 15 Minuten.`,
    label: "Code",
    confirm: "Bestätigen",
    noCode: (startAgain) => `Kein Code? Sehen Sie im Spam-Ordner nach, oder ${startAgain}.`,
    wrong: "Das ist nicht der Code. Versuchen Sie es noch einmal.",
    failed: "Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.",
  },
  done: {
    title: "Ihr Konto ist bereit",
    sent: (sentTo) => `Wir haben einen Link an ${sentTo} gesendet.`,
    openIt: (app) => `Öffnen Sie ihn auf diesem Telefon, dann ist ${app} eingerichtet.`,
  },
  again: {
    link: "beginnen Sie von vorn",
    button: "Von vorn beginnen",
    forged: {
      title: "Bitte beginnen Sie von vorn",
      text: "Das Formular war zu lange offen, oder Ihr Browser speichert keine Cookies.",
    },
    expired: { title: "Der Code gilt nicht mehr", text: "Er war zu alt oder wurde zu oft falsch eingegeben." },
    limited: {
      title: "Bitte warten Sie",
      text: "Es gab zu viele Versuche. Versuchen Sie es in einigen Minuten noch einmal.",
    },
    failed: {
      title: "Etwas ist schiefgegangen",
      text: "Wir konnten den Code nicht senden. Versuchen Sie es gleich noch einmal.",
    },
    gone: { title: "Nicht hier", text: "Hier kann man sich nicht mehr anmelden." },
  },
  message: {
    code: (code, app) => `${code} ist Ihr Code für ${app}`,
    codeAlone: (code) => `${code} ist Ihr Code.`,
    codeNote:
      "Er gilt 15 Minuten. Wenn Sie ihn nicht angefordert haben, hat jemand anderes Ihre Adresse eingegeben: Ignorieren Sie diese Nachricht.",
    linkSubject: (app) => `Ihr Konto für ${app}`,
    hello: (name) => `Guten Tag ${name},`,
    openLink: (app) => `Ihr Konto ist bereit. Öffnen Sie diesen Link auf Ihrem Telefon, dann ist ${app} eingerichtet:`,
    openButton: (app) => `${app} öffnen`,
    keepLink: "Der Link enthält Ihr Passwort: Geben Sie ihn nicht weiter.",
  },
};
