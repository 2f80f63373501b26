using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace StreamLearn.Nats.Tests;

/// <summary>Records print what is in them, not the names of types.</summary>
public sealed class PrintedRecordTests
{
    private static readonly ModelLineage Lineage = new()
    {
        Base = 3,
        Contributors = ["p7", "p8"],
        Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", 0.5).Add("loss", 1.25),
        Format = "safetensors",
    };

    private static readonly object[] Records =
    [
        new NatsKeep { Topics = ["plant/#", "sl/#"] }, new NatsOptions { Servers = [new("nats://edge-1")] },
        Lineage,
        new NatsStatus
        {
            Server = "", Connects = 0, Losses = 0, Received = 0, Published = 0, Malformed = 0, SlowConsumer = 0, Unconfirmed = 0,
            Repeated = 0, LastFault = "", Subscriptions = [new("plant/#", 0, 0, 0, 0, 0)],
        },
    ];

    [Fact]
    public void All_records_that_hold_several_things_are_looked_at()
    {
        var several = typeof(NatsTransport).Assembly.GetExportedTypes()
            .Where(static t => t.GetMethod("<Clone>$") is not null)
            .Where(static t => t.GetProperties().Any(static p => IsOpaque(p.PropertyType)));
        Assert.Empty(several.Except(Records.Select(static r => r.GetType())));
    }

    [Fact]
    public void None_prints_the_name_of_a_type_instead_of_what_it_holds()
    {
        Assert.All(Records, static r => Assert.DoesNotContain("System.", r.ToString(), StringComparison.Ordinal));
        Assert.All(Records, static r => Assert.DoesNotContain("`1", r.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Those that do not print as a line of their own.</summary>
    [Fact]
    public void All_members_are_printed()
    {
        Assert.All(Records.Take(1).Append(Lineage), static r => Assert.All(
            r.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance), p => Assert.Contains($"{p.Name} = ", r.ToString())));
        Assert.Contains("Contributors = [p7, p8], Metrics = [accuracy = 0.5, loss = 1.25]", Lineage.ToString());
        Assert.Contains("Topics = [plant/#, sl/#], ", Records[0].ToString());
        Assert.Equal("[]", NatsText.List(Array.Empty<string>()));
    }

    private static bool IsOpaque(Type type) => (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>));
}
