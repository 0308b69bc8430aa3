using Chat.Tests.History.Postgres;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Chat.Tests.History.Contract;

/// <summary>A fact of every history store; skipped in the class that needs what is missing here.</summary>
[XunitTestCaseDiscoverer("Chat.Tests.History.Contract.StoreFactDiscoverer", "Chat.Tests")]
internal sealed class StoreFactAttribute : FactAttribute;

/// <summary>A theory of every history store.</summary>
[XunitTestCaseDiscoverer("Chat.Tests.History.Contract.StoreTheoryDiscoverer", "Chat.Tests")]
internal sealed class StoreTheoryAttribute : TheoryAttribute;

/// <summary>The class needs PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsPostgresAttribute : Attribute
{
    /// <summary>Why a test of a class is skipped; null where it is run.</summary>
    public static string? WhyNot(ITestMethod method) =>
        method.TestClass.Class.GetCustomAttributes(typeof(NeedsPostgresAttribute).AssemblyQualifiedName).Any() ? PostgresServer.WhyNot : null;
}

internal sealed class StoreFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute) =>
        SkippedStoreTest.Of(DiagnosticMessageSink, options, method) ?? base.Discover(options, method, attribute);
}

internal sealed class StoreTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute) =>
        SkippedStoreTest.Of(DiagnosticMessageSink, options, method) ?? base.Discover(options, method, attribute);
}

internal static class SkippedStoreTest
{
    /// <summary>One that says why, whatever its data; null where the test is run.</summary>
    public static IEnumerable<IXunitTestCase>? Of(IMessageSink messages, ITestFrameworkDiscoveryOptions options, ITestMethod method) =>
        NeedsPostgresAttribute.WhyNot(method) is { } why
            ? [new XunitSkippedDataRowTestCase(messages, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, why)]
            : null;
}
