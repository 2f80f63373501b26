namespace StreamLearn.Nodes.Tests;

/// <summary>The edge of devices that answer together with it, and how the two parts of a network fit.</summary>
public sealed class AnswerRestTests : IDisposable
{
    private static readonly Network Net = SplitPair.Network;
    private static readonly float[] Values = [.. Net.Initial.Values];

    private readonly OperatorProbe _edge = OperatorProbe.From<RestRequest>((p, flow) =>
        flow.AnswerRest(Net, p.Input<Weights>("models")).Output("main"));

    public void Dispose() => _edge.Dispose();

    [Fact]
    public void Wherever_it_is_cut_the_two_parts_give_the_bits_of_the_whole()
    {
        const int Rows = 40;
        var (features, _) = SplitPair.Batch(1, Rows);
        var (probabilities, exits) = (new float[Rows * 3], new int[Rows]);
        _ = Net.Answer(Values, new(features, Rows), ExitRule.WhenConfident(2, 1e-6f), probabilities, exits, new());
        var rule = ExitRule.WhenConfident(2, probabilities.Chunk(3).Select(static p => p.Max()).Order().ElementAt(Rows / 2));
        var executed = Net.Answer(Values, new(features, Rows), rule, probabilities, exits, new());
        Assert.InRange(exits.Count(static e => e == 0), 1, Rows - 1);

        for (var cut = 0; cut <= SplitPair.Layers; cut++)
        {
            var (mine, left, stay) = (new float[Rows * 3], new int[Rows], new float[Rows * Net.Boundaries[cut].Size]);
            var work = Net.AnswerPart(Values, 0, cut, features, Rows, rule, mine, left, stay, new());
            int[] staying = [.. Enumerable.Range(0, Rows).Where(r => left[r] < 0)];
            if (staying.Length > 0)
            {
                var (rest, restLeft) = (new float[staying.Length * 3], new int[staying.Length]);
                work += Net.AnswerPart(Values, cut, SplitPair.Layers, stay.AsSpan(0, staying.Length * Net.Boundaries[cut].Size),
                    staying.Length, rule, rest, restLeft, new float[staying.Length * Net.Boundaries[^1].Size], new());
                foreach (var (i, row) in staying.Index())
                {
                    left[row] = restLeft[i];
                    rest.AsSpan(3 * i, 3).CopyTo(mine.AsSpan(3 * row));
                }
            }

            Assert.Equal(exits, left);
            Assert.Equal(probabilities, mine);
            Assert.Equal(executed, work);
        }
    }

    [Fact]
    public void It_answers_by_the_version_of_the_request_or_the_one_before_and_refuses_another()
    {
        var (features, _) = SplitPair.Batch(2, 4);
        Weights[] versions =
            [.. Enumerable.Range(1, 3).Select(v => Net.Initial with { Version = v, Values = [.. Values.Select(x => x * v)] })];
        foreach (var version in versions) { _edge.Control(version); }
        var boundary = Request(features).Boundary;
        Assert.Equal(RestRefusal.Version, Ask(new(boundary, new(0, 1))).Refusal);
        Assert.Equal(Whole(features, versions[1]), Ask(new(boundary, new(0, 2))).Values);
        Assert.Equal(Whole(features, versions[2]), Ask(new(boundary, new(0, 3))).Values);
        Assert.Equal(RestRefusal.Version, Ask(new(boundary, new(1, 3))).Refusal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_a_probe_answered()
    {
        var good = Request(SplitPair.Batch(2, 4).Features);
        Assert.Equal(RestRefusal.Schema, Ask(good with { Boundary = good.Boundary with { SchemaHash = 1 } }).Refusal);
        Assert.Equal(RestRefusal.Shape, Ask(good with { Boundary = good.Boundary with { Rows = 5 } }).Refusal);
        Assert.Equal(RestRefusal.Shape, Ask(good with { Boundary = good.Boundary with { Split = SplitPair.Layers } }).Refusal);
        var broken = good.Boundary.Values.SetItem(0, float.NaN);
        Assert.Equal(RestRefusal.NonFinite, Ask(good with { Boundary = good.Boundary with { Values = broken } }).Refusal);
        Assert.Empty(Ask(good with { Boundary = good.Boundary with { Rows = 0, Values = [] } }).Values);
        _edge.Send(good.SentBy("other"));
        Assert.Equal((0, 1L), (_edge.Count(), _edge.Metrics.Drops["not-its-topic"]));
    }

    [Fact]
    public void Messages_come_back_from_bytes_and_damaged_ones_do_not()
    {
        var request = Request(SplitPair.Batch(2, 4).Features) with { Padding = 50 };
        var bytes = Encoded(NodesCodecs.RestRequests, request);
        Assert.True(NodesCodecs.RestRequests.TryDecode(new(bytes), new(), out var read));
        Assert.Equal((request.Version, 50, request.Boundary.Sequence), (read.Version, read.Padding, read.Boundary.Sequence));
        Assert.Equal(request.Boundary.Values, read.Boundary.Values);
        var answer = new RestAnswer { Device = "d", Epoch = 1, Sequence = 2, Values = [1, 2], SecondsPerMultiplyAdd = 0.5 };
        var answered = Encoded(NodesCodecs.RestAnswers, answer);
        Assert.True(NodesCodecs.RestAnswers.TryDecode(new(answered), new(), out var back));
        Assert.Equal((answer.Sequence, answer.SecondsPerMultiplyAdd), (back.Sequence, back.SecondsPerMultiplyAdd));
        Assert.Equal(answer.Values, back.Values);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            Assert.False(NodesCodecs.RestRequests.TryDecode(new(bytes), new(), out _), $"byte {i}");
            bytes[i] ^= 0x10;
            Assert.False(NodesCodecs.RestRequests.TryDecode(new(bytes, 0, i), new(), out _));
        }

        for (var i = 0; i < answered.Length; i++) { Assert.False(NodesCodecs.RestAnswers.TryDecode(new(answered, 0, i), new(), out _)); }
    }

    [Fact]
    public void The_fastest_cut_is_the_best_of_all_and_stays_while_no_other_is_much_better()
    {
        var costs = LayerCosts.Of(Net);
        var random = new RandomStream(4, "cuts");
        for (var i = 0; i < 200; i++)
        {
            double[] device = [.. Enumerable.Range(0, costs.Count + 1).Select(_ => random.NextDouble(0, 1e-2)).Order()];
            var view = new CutView([.. device], random.NextDouble(1e-10, 1e-7), random.NextDouble(1e-7, 1e-4),
                random.NextDouble(0, 0.1), 4, 1 + random.NextInt32(8), random.NextInt32(costs.Count + 1));
            double[] seconds = [.. Enumerable.Range(0, costs.Count + 1).Select(c => view.Rows * (
                device[c]
                + (c == costs.Count ? 0 : (4 * view.SecondsPerByte * Net.Boundaries[c].Size) + (view.RoundTripSeconds / view.Rows)
                    + (view.EdgeSecondsPerMultiplyAdd * Net.MultiplyAdds(c, costs.Count)))))];
            var chosen = new FastestCut().Choose(costs, view, 1, costs.Count).Cut;
            Assert.True(chosen >= 1 && seconds[chosen] <= 1.031 * seconds[1..].Min(), $"{view}: {chosen}");
            if (chosen != view.Cut) { Assert.Equal(seconds[1..].Min(), seconds[chosen], 1e-9); }
        }
    }

    private RestAnswer Ask(RestRequest request)
    {
        _edge.Send(request);
        return _edge.Take<RestAnswer>();
    }

    private static RestRequest Request(float[] features) => new(new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = 5,
        Split = 0,
        SchemaHash = Net.Plan.SchemaHash,
        Rows = 4,
        Values = [.. features],
    }, new(0, 0));

    private static float[] Whole(float[] features, Weights weights)
    {
        var outputs = new float[4 * 3];
        Net.Answer(weights.Values.AsSpan(), new(features, 4), ExitRule.Never(2), outputs, new int[4], new());
        return outputs;
    }
}
