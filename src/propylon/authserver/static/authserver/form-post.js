// The customer's answer goes on to the application without a press of the button (Form Post Response Mode).
document.getElementById("answer").submit();
