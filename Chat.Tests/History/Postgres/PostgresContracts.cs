using Chat.Tests.History.Contract;
using Xunit;

namespace Chat.Tests.History.Postgres;

/// <summary>What holds for any store, for PostgreSQL: opening and appending.</summary>
[NeedsPostgres]
[Collection(PostgresTests.Name)]
public sealed class PostgresLogContractTests(PostgresServer server) : LogContract(new PostgresLogs(server));

/// <summary>The same of pages.</summary>
[NeedsPostgres]
[Collection(PostgresTests.Name)]
public sealed class PostgresPageContractTests(PostgresServer server) : PageContract(new PostgresLogs(server));

/// <summary>The same of the window of ids.</summary>
[NeedsPostgres]
[Collection(PostgresTests.Name)]
public sealed class PostgresWindowContractTests(PostgresServer server) : WindowContract(new PostgresLogs(server));

/// <summary>The same of what is kept.</summary>
[NeedsPostgres]
[Collection(PostgresTests.Name)]
public sealed class PostgresTrimContractTests(PostgresServer server) : TrimContract(new PostgresLogs(server));
