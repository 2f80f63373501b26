namespace StreamLearn.Models.Tests;

public sealed class NetworkStructureTests
{
    private static readonly Shape Input = new(2, 8);
    private static readonly Layer Head = new Sequential(new GlobalMean(), new Dense(3));
    private static Network Small => new(Input, 3, [new Scale(), new Conv1d(4, 3), new Relu()], [new(1, Head, 0.25f), new(2, Head)], 5);

    [Fact]
    public void Networks_are_equal_by_structure_and_seed()
    {
        Assert.Equal(Small, Small);
        Assert.Equal(Small.GetHashCode(), Small.GetHashCode());
        Assert.Equal(Small.Initial.Sha256(), Small.Initial.Sha256());
        Assert.Equal(Small.Plan.SchemaHash, new Network(Input, 3, Small.Layers, Small.Exits, 6).Plan.SchemaHash);
        Network[] others =
        [
            new(Input, 3, Small.Layers, Small.Exits, 6),
            new(Input, 3, [new Scale(), new Conv1d(4, 3, 2), new Relu()], Small.Exits, 5),
            new(Input, 3, Small.Layers, [new(1, Head, 0.5f), new(2, Head)], 5),
            new(Input, 3, Small.Layers, [new(0, Head, 0.25f), new(2, Head)], 5),
            new(Input with { Width = 9 }, 3, Small.Layers, Small.Exits, 5),
            new(Input, 3, Small.Layers, Small.Exits, 5, [Field.Channel("a", Unit.One), Field.Channel("b", Unit.One)]),
        ];
        Assert.All(others, other => Assert.NotEqual(Small, other));
    }

    [Fact]
    public void An_update_of_another_structure_has_another_schema_though_its_slices_are_the_same()
    {
        var strided = new Network(Input, 3, [new Scale(), new Conv1d(4, 3, 2), new Relu()], Small.Exits, 5);
        Assert.Equal(Small.Plan.Slices, strided.Plan.Slices);
        Assert.NotEqual(Small.Plan.SchemaHash, strided.Plan.SchemaHash);
    }

    [Fact]
    public void It_prints_as_a_table_with_totals()
    {
        var lines = Small.Masked(TrainableMask.HeadOnly).ToString().Split('\n');
        string[][] cells = [.. lines.Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 120));
        Assert.Equal(["layer", "output", "parameters", "multiply-adds", "kept", "of", "a", "row"], cells[0]);
        Assert.Equal(["0", "scale", "[2,", "8]", "4", "0", "0", "B"], cells[1]);
        Assert.Equal(
            ["1", "conv1d", "4", "kernel", "3", "stride", "1", "padding", "0,", "frozen", "[4,", "6]", "28", "144", "0", "B"], cells[2]);
        Assert.Equal(["exit0", "(global-mean,", "dense", "3)", "[3]", "15", "12"], cells[3][..7]);
        Assert.Equal(["total", "62", "168"], cells[6][..3]);
        Assert.Equal("input [2, 8]; parameters: trained 30, statistic 4, frozen 28; 248 B", lines[7]);
        Assert.Equal(9, lines.Length);
    }

    [Fact]
    public void It_starts_from_given_values()
    {
        var values = new float[Small.Plan.Values];
        Array.Fill(values, 0.25f);
        var given = new Weights { Version = 7, Epoch = 3, SchemaHash = Small.Plan.SchemaHash, Values = [.. values] };
        var started = Small.StartingFrom(given);
        Assert.Equal((0, 0, Small.Plan.SchemaHash), (started.Initial.Version, started.Initial.Epoch, started.Plan.SchemaHash));
        Assert.Equal(values, started.Initial.Values);
        Assert.Equal(started, Small.StartingFrom(given with { Version = 8 }));
        Assert.Equal(started.Initial.Values, started.Masked(TrainableMask.HeadOnly).Initial.Values);
        Assert.NotEqual(Small, started);
        Assert.NotEqual(Small.Structure, started.Structure);
        Assert.NotEqual(started, Small.StartingFrom(Small.Initial));
        Assert.Throws<ArgumentException>(() => Small.StartingFrom(given with { SchemaHash = 1 }));
    }

    [Fact]
    public void It_prints_its_structure() => Assert.Equal(
        "network [2, 8]: scale, conv1d 4 kernel 3 stride 1 padding 0, exit 0.25 (global-mean, dense 3), relu, "
            + "exit 1 (global-mean, dense 3); seed 5",
        Small.Structure);

    [Fact]
    public void Initial_values_follow_the_seed_alone()
    {
        var initial = HarNetwork.Create(1).Initial;
        Assert.Equal(initial.Sha256(), HarNetwork.Create(1).Initial.Sha256());
        Assert.NotEqual(initial.Sha256(), HarNetwork.Create(2).Initial.Sha256());
        Assert.Equal(HarNetwork.Create(1).Plan.SchemaHash, initial.SchemaHash);
        Assert.Equal(0, initial.Version);
        // frozen: models on disk and recorded runs start from it
        Assert.StartsWith("f6c74df050c9c96b", initial.Sha256(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Windows_come_as_one_column_a_channel()
    {
        var plan = HarNetwork.Create().Plan;
        plan.Require(Columns(6));
        Assert.Throws<SchemaException>(() => plan.Require(Columns(5)));
        Assert.Throws<SchemaException>(() => plan.Require(Columns(7)));
        var named = HarNetwork.Create(0, [.. Columns(6).Fields]).Plan;
        named.Require(Columns(6));
        Assert.Throws<SchemaException>(() => named.Require(new([.. Columns(5).Fields, Field.Channel("other", Unit.One)])));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_its_place()
    {
        Layer[] trunk = [new Scale(), new Conv1d(4, 3), new Relu()];
        Unmade("outputs", () => new Network(Input, 1, [.. trunk], [new(2, Head)]));
        Unmade("expected at least one layer, got none", () => new Network(Input, 3, [], [new(0, Head)]));
        Unmade("layer 0 (scale) on [0, 0]: expected a shape of 1", () => new Network(default, 3, [.. trunk], [new(2, Head)]));
        Unmade("layer 1 (max-pool 9) on [2, 8]: expected at least 9 samples with padding, got 8",
            () => new Network(Input, 3, [new Relu(), new MaxPool1d(9)], [new(1, Head)]));
        Unmade("layer 1 (group-norm 3) on [4, 6]: expected a multiple of 3 channels, got 4",
            () => new Network(Input, 3, [new Conv1d(4, 3), new GroupNorm(3)], [new(1, Head)]));
        Unmade("layer 1 () on [2, 8]: expected a layer, got null", () => new Network(Input, 3, [new Relu(), null!], [new(1, Head)]));
        Unmade("layer 1: scale can only be the first layer", () => new Network(Input, 3, [new Relu(), new Scale()], [new(1, Head)]));
        Unmade("layer 0: scale can only be the first layer", () => new Network(Input, 3, [new Sequential(new Scale())], [new(0, Head)]));
        Unmade("exit 0: scale can only be the first layer of the network",
            () => new Network(Input, 3, [new Relu()], [new(0, new Sequential(new Scale(), Head))]));
        Unmade("expected at least one exit, got none", () => new Network(Input, 3, [.. trunk], []));
        Unmade("exit 0 is null", () => new Network(Input, 3, [.. trunk], [null!]));
        Unmade("exit 1: expected a place after a layer from 2 to 2, got 1",
            () => new Network(Input, 3, [.. trunk], [new(1, Head), new(1, Head)]));
        Unmade("exit 0: expected a place after a layer from 0 to 2, got 3", () => new Network(Input, 3, [.. trunk], [new(3, Head)]));
        Unmade("exit 0: expected a place after a layer from 0 to 2, got -1", () => new Network(Input, 3, [.. trunk], [new(-1, Head)]));
        Unmade("expected the last exit after layer 2, got it after layer 1", () => new Network(Input, 3, [.. trunk], [new(1, Head)]));
        Unmade("exit 0: expected a loss weight of at least 0, got -1", () => new Network(Input, 3, [.. trunk], [new(2, Head, -1)]));
        Unmade("exit 0: expected a loss weight of at least 0, got NaN", () => new Network(Input, 3, [.. trunk], [new(2, Head, float.NaN)]));
        Unmade("head of exit 0: expected outputs [4], got [3]", () => new Network(Input, 4, [.. trunk], [new(2, Head)]));
        Unmade("head of exit 0 (dense 0) on [4, 6]: Outputs", () => new Network(Input, 3, [.. trunk], [new(2, new Dense(0))]));
        Unmade("expected 2 columns, one per channel, got 1",
            () => new Network(Input, 3, [.. trunk], [new(2, Head)], 0, [Field.Channel("a", Unit.One)]));
    }

    [Fact]
    public void Calls_that_do_not_fit_are_refused()
    {
        var (network, tape) = (Small, new Tape());
        var (weights, inputs, gradients) = (network.Initial.Values.ToArray(), new float[32], new float[network.Plan.Values]);
        Refused("", () => network.Forward(weights, 0, 0, inputs, 2, tape));
        Refused("", () => network.Forward(weights, -1, 2, inputs, 2, tape));
        Refused("", () => network.Forward(weights, 0, 4, inputs, 2, tape));
        Refused("", () => network.Forward(weights, 0, 3, [], 0, tape));
        Refused("expected 48 inputs, got 32", () => network.Forward(weights, 0, 3, inputs, 3, tape));
        Refused($"expected {weights.Length} weights, got 3", () => network.Forward(weights.AsSpan(0, 3), 0, 3, inputs, 2, tape));
        Refused("expected a tape that this network has written", () => network.ExitLosses(tape, [0, 1], []));

        network.Forward(weights, 0, 2, inputs, 2, tape);
        Assert.Equal(2, tape.Rows);
        Assert.Equal(2 * 4 * 6, tape.Outputs.Length);
        Refused("expected 2 labels, got 1", () => network.ExitLosses(tape, [0], []));
        Refused("expected 3 logit offsets, got 1", () => network.ExitLosses(tape, [0, 1], [1]));
        Refused("expected 48 output gradients, got 1", () => network.Backward(weights, tape, [1], gradients, []));
        Refused("expected 32 input gradients, got 1", () => network.Backward(weights, tape, [], gradients, new float[1]));
        Refused($"expected {weights.Length} gradients, got 1", () => network.Backward(weights, tape, [], new float[1], []));
        Refused("expected weights, given or pinned", () => network.Backward([], tape, [], gradients, []));
        Refused("expected a label from 0 to 2, got 3", () => network.ExitLosses(Whole(), [0, 3], []));
        Refused("expected a tape that this network has written", () => HarNetwork.Create().ExitLosses(tape, [0, 1], []));

        Tape Whole()
        {
            var whole = new Tape();
            network.Forward(weights, 0, 3, inputs, 2, whole);
            return whole;
        }
    }

    [Theory, InlineData(2), InlineData(float.PositiveInfinity)]
    public void A_batch_without_rows_is_refused_and_changes_no_statistic(float clip)
    {
        var network = new Network(Input, 3, [new Scale(), new BatchNorm()], [new(1, Head)]);
        float[] weights = [.. network.Initial.Values], gradients = new float[weights.Length], state = new float[weights.Length];
        Refused("", () => network.Loss(weights, new([], Array.Empty<int>()), gradients, new()));
        Refused("", () => network.Step(weights, new([], Array.Empty<int>()), new Sgd(0.1f, 0.9f, clip), state, 1, gradients, new()));
        Assert.Equal(network.Initial.Values, weights);
    }

    [Theory, InlineData(float.PositiveInfinity), InlineData(float.NaN), InlineData(0)]
    public void Norms_need_an_epsilon_that_is_a_number_above_zero(float epsilon)
    {
        Refused("expected an epsilon", () => new BatchNorm(0.1f, epsilon).Plan(Input));
        Refused("expected an epsilon", () => new LayerNorm(epsilon).Plan(Input));
    }

    private static Schema Columns(int count) => new([.. Enumerable.Range(0, count).Select(i => Field.Channel($"c{i}", Unit.One))]);
    private static void Unmade(string message, Func<Network> make) => Refused(message, () => GC.KeepAlive(make()));

    private static void Refused(string message, Action call) =>
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(call).Message, StringComparison.Ordinal);
}
