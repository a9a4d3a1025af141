// The smallest bot there is: says what was said.
module.exports = async function App(context) {
  if (context.event.isText) await context.sendText(context.event.text)
}
