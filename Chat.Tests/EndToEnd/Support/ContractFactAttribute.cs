using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>A fact of one gateway and of several that are one; skipped in the class that needs what is missing here.</summary>
[XunitTestCaseDiscoverer("Chat.Tests.History.Contract.StoreFactDiscoverer", "Chat.Tests")]
internal sealed class ContractFactAttribute : FactAttribute;

/// <summary>A theory of one gateway and of several that are one.</summary>
[XunitTestCaseDiscoverer("Chat.Tests.History.Contract.StoreTheoryDiscoverer", "Chat.Tests")]
internal sealed class ContractTheoryAttribute : TheoryAttribute;
