namespace StreamLearn.Nodes.Tests;

/// <summary>A device in split training, between an edge and somebody who answers in its name.</summary>
public sealed class ForgedGradientsTests : IDisposable
{
    private const int Split = 3;
    private const int Forged = 3000;
    private static readonly SplitTrainOptions Options = SplitPair.Options with { RoundBatches = 2, LearnsScale = true };
    private static readonly float[] Values =
        [0, 1, -1, 1e30f, float.MaxValue, -float.MaxValue, float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    private readonly OperatorProbe _device = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.SplitTrain(
        SplitPair.Network, Split, p.Input<BoundaryGradients>("gradients"), options: Options)), SplitPair.Rows);

    private readonly OperatorProbe _edge = OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(flow.ServeSplit(
        SplitPair.Network, p.Input<Weights>("versions"), new() { Training = Options })));

    private readonly RandomStream _random = new(7, "forged");
    private readonly List<Activations> _sent = [];
    private readonly List<WeightDelta> _updates = [];

    public void Dispose()
    {
        _device.Dispose();
        _edge.Dispose();
    }

    [Fact]
    public void No_answer_ends_a_device_poisons_its_weights_or_keeps_it_from_its_edge()
    {
        Train(4);
        for (var i = 0; i < Forged; i++)
        {
            _device.Control(Forge(_sent[^1]));
            if (i % 8 == 0) { Train(1); }
        }

        _device.Advance(TimeSpan.FromMinutes(2));
        Train(8);
        TestContext.Current.TestOutputHelper?.WriteLine($"{_device.Metrics}");
        var (trained, updates) = (_device.Metrics.Counter("rows-trained"), _updates.Count);
        Train(8);
        Assert.Equal((trained + 32, updates + 4), (_device.Metrics.Counter("rows-trained"), _updates.Count));
        Assert.All(_updates, static u => Assert.True(Finite.All(u.Values.AsSpan()) && float.IsFinite(u.Loss), $"{u}"));
        Assert.All(_sent, static a => Assert.True(Finite.All(a.Values.AsSpan()) && (a.Part is null || Finite.All(a.Part.Values.AsSpan()))));
    }

    [Theory, InlineData(0), InlineData(2)]
    public void No_answer_makes_a_device_send_its_rows_or_what_fewer_layers_make_of_them(int split)
    {
        using var device = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.SplitTrain(SplitPair.Network, Split,
            p.Input<BoundaryGradients>("gradients"), options: Options with { MinLayers = Math.Max(1, split + 1) })), SplitPair.Rows);
        device.Send(SplitPair.Stream(device, 0));
        var join = device.Take<Activations>();
        device.Control(Begin(join, split));
        Assert.Equal((0, 1), (device.Count(), device.Metrics.Drops["split"]));
        device.Control(Begin(join, split + 1));
        Assert.Equal((split + 1, 4), device.Take<Activations>() is var batch ? (batch.Split, batch.Rows) : default);
    }

    /// <summary>Batches of a device that learns with its edge.</summary>
    private void Train(int batches)
    {
        for (var b = 0; b < batches; b++)
        {
            if (_device.Ready) { _device.Send(SplitPair.Stream(_device, b)); }
            for (var messages = 0; messages < 8 && _device.Count() + _edge.Count() + _edge.Count(1) > 0; messages++) { Exchange(); }
            if (!_device.Ready) { _device.Advance(Options.GradientTimeout); }
        }
    }

    private void Exchange()
    {
        foreach (var message in _device.TakeAll<Activations>())
        {
            _sent.Add(message);
            _edge.Send(message);
        }

        foreach (var update in _edge.TakeAll<WeightDelta>(1))
        {
            _updates.Add(update);
            _edge.Control(Options.Start! with { Version = _updates.Count });
        }

        foreach (var answer in _edge.TakeAll<BoundaryGradients>()) { _device.Control(answer); }
    }

    private static BoundaryGradients Begin(Activations join, int split, float? value = null) => new()
    {
        Device = join.Device,
        Epoch = join.Epoch,
        Sequence = join.Sequence,
        Split = split,
        SchemaHash = join.SchemaHash,
        Begins = new(1, 1),
        Part = split == 0 ? null : new()
        {
            First = 0,
            End = split,
            Values = [.. SplitPair.Network.Values(0, split, Options.Start!.Values.AsSpan()).Select(own => value ?? own)],
            State = [],
        },
    };

    /// <summary>An answer to what was sent last, of which any part may be anything.</summary>
    private BoundaryGradients Forge(Activations last)
    {
        var value = Pick(Values);
        var split = OneIn(2) ? last.Split : Pick([-1, 0, 1, Split, SplitPair.Layers, SplitPair.Layers + 1, int.MaxValue, int.MinValue]);
        var begin = Begin(last, Math.Clamp(split, 0, SplitPair.Layers), OneIn(2) ? value : null);
        return begin with
        {
            Device = OneIn(16) ? "another" : last.Device,
            Epoch = OneIn(16) ? Number() : last.Epoch,
            Sequence = OneIn(2) ? last.Sequence : OneIn(2) ? last.Sequence - _random.NextInt32(3) : Number(),
            SchemaHash = OneIn(16) ? (ulong)Number() : last.SchemaHash,
            Split = split,
            Values = [.. Enumerable.Repeat(value, OneIn(4) ? _random.NextInt32(500) : last.Values.Length == 0 ? 0 : Boundary(last))],
            Loss = OneIn(2) ? Pick(Values) : 0,
            RolledBack = OneIn(8),
            Begins = OneIn(3) ? null : new(Number(), Number()),
            Part = OneIn(8) ? null : begin.Part,
            HasScale = OneIn(2),
            Voids = OneIn(8),
            Edge = OneIn(4) ? "nobody" : null,
            Term = OneIn(4) ? (int)(Number() & int.MaxValue) : 0,
        };
    }

    private static int Boundary(Activations last) => last.Rows * SplitPair.Network.Boundaries[last.Split].Size;
    private T Pick<T>(ReadOnlySpan<T> from) => from[_random.NextInt32(from.Length)];
    private long Number() => Pick([0, 1, -1, long.MaxValue, long.MinValue, _device.Now.ToUnixTimeMilliseconds(), _random.NextInt32(100)]);
    private bool OneIn(int n) => _random.NextInt32(n) == 0;
}
