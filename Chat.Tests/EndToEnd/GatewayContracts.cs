using Chat.Tests.EndToEnd.Contract;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

/// <summary>What holds for any chat, for one gateway: what is no request.</summary>
public sealed class BadRequestTests(GatewayFixture chat) : BadRequestContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: pages and joins.</summary>
public sealed class HistoryTests(GatewayFixture chat) : HistoryContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: logins.</summary>
public sealed class LoginTests(GatewayFixture chat) : LoginContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: races for names.</summary>
public sealed class NameRaceTests(GatewayFixture chat) : NameRaceContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: order.</summary>
public sealed class OrderTests(GatewayFixture chat) : OrderContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: the original's clients.</summary>
public sealed class OriginalClientTests(GatewayFixture chat) : OriginalClientContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: who is where.</summary>
public sealed class PresenceTests(GatewayFixture chat) : PresenceContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: rooms and messages.</summary>
public sealed class RoomTests(GatewayFixture chat) : RoomContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: sessions.</summary>
public sealed class SessionTests(GatewayFixture chat) : SessionContract(chat), IClassFixture<GatewayFixture>;

/// <summary>The same: readers that don't read.</summary>
public sealed class SlowReaderTests(GatewayFixture chat) : SlowReaderContract(chat), IClassFixture<GatewayFixture>;
