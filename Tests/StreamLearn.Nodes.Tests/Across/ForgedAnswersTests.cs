namespace StreamLearn.Nodes.Tests;

/// <summary>A device that answers with an edge, and somebody who answers in the edge's name.</summary>
public sealed class ForgedAnswersTests
{
    private const int Rows = 1200;      // so many that their request is one that the link is measured by
    private const int Forged = 2000;
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(200);
    private static readonly Schema Columns = new(Field.Time(), Field.Channel("x", Unit.One));

    private static readonly Network Net = new(
        new(1), 2, [new Dense(1), new Dense(1)], [new(0, new Dense(2)), new(1, new Dense(2))], features: [Columns.Fields[1]]);

    private static readonly double[] Paces = [0, double.Epsilon, 1e-9, 1, 1e6, 1e300, double.MaxValue];
    private static readonly float[] Values = [0, 0.5f, 1, -1, 1e30f, float.NaN, float.PositiveInfinity];
    private readonly RandomStream _random = new(7, "forged");

    [Theory, InlineData(null), InlineData(1)]
    public void Every_row_is_answered_in_time_whatever_is_answered_in_the_name_of_the_edge(int? cut)
    {
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.InferAcross(Net, p.Input<Weights>("models"),
            p.Input<RestAnswer>("answers"), new() { Cut = cut, Within = Within, Epoch = 7 })), Columns);
        probe.Control(Net.Initial with { Version = 1 });
        var first = 0L;
        for (var i = 0; i < Forged; i++)
        {
            if (i % 4 == 0) { Send(probe); }
            var requests = probe.TakeAll<RestRequest>(1);
            if (requests.Count > 0) { first = requests[0].Boundary.Sequence; }
            probe.Advance(TimeSpan.FromMilliseconds(1 + _random.NextInt32(20)));
            probe.Control(Forge(first));
            if (i % 10 == 0) { Honest(probe, requests); }
        }

        probe.Advance(Within);
        Assert.Equal((long)Rows * Forged / 4, probe.Metrics.Counter("rows-here") + probe.Metrics.Counter("rows-edge"));
        Assert.All(["late", "other-device"], reason => Assert.True(probe.Metrics.Drops[reason] > 0));

        for (var second = 0; second < 20; second++)         // an honest edge alone
        {
            Honest(probe, probe.TakeAll<RestRequest>(1));
            probe.Advance(TimeSpan.FromMilliseconds(500));
        }

        probe.TakeAll<RestRequest>(1);
        var (asked, edge) = (0, probe.Metrics.Counter("rows-edge"));
        for (var batch = 0; batch < 4; batch++)
        {
            Send(probe);
            asked += Honest(probe, probe.TakeAll<RestRequest>(1));
            probe.Advance(Within);
        }

        Assert.Equal((edge + asked, cut is null ? asked : 4 * Rows), (probe.Metrics.Counter("rows-edge"), asked));
        foreach (var answers in probe.TakeAll<Batch>()) { Assert.True(Finite.All(answers["confidence"].Values<float>())); }
    }

    private static void Send(OperatorProbe probe) => probe.Send(Batches.Of(probe.Pool, Columns,
        Enumerable.Range(0, Rows).Select(static i => (long)i).ToArray(), Enumerable.Repeat(0.5f, Rows).ToArray()));

    /// <summary>Answers as an edge does; gives the rows.</summary>
    private static int Honest(OperatorProbe probe, IReadOnlyList<RestRequest> requests)
    {
        foreach (var request in requests)
        {
            probe.Advance(TimeSpan.FromMilliseconds(1));
            probe.Control(new RestAnswer
            {
                Device = request.Boundary.Device,
                Epoch = request.Boundary.Epoch,
                Sequence = request.Boundary.Sequence,
                SecondsPerMultiplyAdd = 1e-9,
                Values = [.. Enumerable.Repeat(0.5f, 2 * request.Boundary.Rows)],
            });
        }
        return requests.Sum(static r => r.Boundary.Rows);
    }

    private RestAnswer Forge(long near) => new()
    {
        Device = OneIn(16) ? "another" : "probe",
        Epoch = OneIn(16) ? Number() : 7,
        Sequence = OneIn(8) ? Number() : near + _random.NextInt32(4),
        Refusal = OneIn(4) ? (RestRefusal)_random.NextInt32(4) : RestRefusal.None,
        SecondsPerMultiplyAdd = Pick(Paces),
        Values = [.. Enumerable.Repeat(Pick(Values), OneIn(2) ? 2 * Rows : _random.NextInt32(3 * Rows))],
    };

    private T Pick<T>(ReadOnlySpan<T> from) => from[_random.NextInt32(from.Length)];
    private long Number() => Pick([0, 1, -1, long.MaxValue, long.MinValue, _random.NextInt32(100)]);
    private bool OneIn(int n) => _random.NextInt32(n) == 0;
}
