namespace Chat.Tests.History.Contract;

/// <summary>What holds for any store, for files; pages and windows have classes of their own.</summary>
public sealed class FileLogContractTests() : LogContract(new DataFolder());

/// <summary>The same of what is kept.</summary>
public sealed class FileTrimContractTests() : TrimContract(new DataFolder());
