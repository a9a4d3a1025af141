// Bottender's own configuration file. The Graph API is our simulator.
module.exports = {
  channels: {
    messenger: {
      enabled: true,
      path: '/webhooks/messenger',
      pageId: process.env.PEER_PAGE_ID,
      accessToken: 'bench',
      appId: process.env.PEER_APP_ID,
      appSecret: process.env.PEER_APP_SECRET,
      verifyToken: 'bench',
      origin: process.env.PEER_GRAPH_URL,
    },
  },
}
