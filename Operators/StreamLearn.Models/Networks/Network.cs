using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>A network of layers with exits. Its training step can be split at any layer boundary.</summary>
/// <remarks> Shape: [rows, input] to [rows, classes]. State: none; slices are named by layer, <c>1.conv1d.weight</c>, or exit,
/// <c>exit0.1.dense.bias</c>; those of a first <see cref="Scale"/> as in every model. Layers count from 0; boundary i is before layer i.
/// Loss: sum over exits of loss weight × loss. Cost: <see cref="MultiplyAddsTo"/>; a step costs three times as much, or less under a mask.
/// Source: Teerapittayanon, McDanel, Kung (2016), BranchyNet, for the joint loss. </remarks>
public sealed partial class Network : ISplitModel, IEquatable<Network>
{
    private readonly long _seed;
    private Lazy<Weights> _initial;         // this and the next four are set only on new copies
    private string _start = "";             // SHA-256 of given weights; empty if they are made from the seed
    private NetworkLayout _layout;
    private LayerChain _trunk;
    private NetworkPasses _passes;

    /// <summary>Creates a network.</summary>
    /// <param name="input">Shape of a row.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="layers">The trunk, at least one layer.</param>
    /// <param name="exits">The exits in order, the last after the last layer; each head computes a score per class.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The float32 columns, one per channel; empty: any.</param>
    /// <param name="objective">The loss of every exit; default softmax cross-entropy.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or exits or settings are invalid.</exception>
    public Network(Shape input, int classes, ImmutableArray<Layer> layers, ImmutableArray<Exit> exits, long seed = 0,
        ImmutableArray<Field> features = default, Loss? objective = null)
    {
        Objective = objective ?? new SoftmaxCrossEntropy();
        Objective.Check(classes);
        if (!features.IsDefaultOrEmpty && features.Length != input.Channels)
        {
            throw new ArgumentException($"expected {input.Channels} columns, one per channel, got {features.Length}", nameof(features));
        }

        _layout = new(input, classes, layers, exits);
        (_trunk, _seed, MultiplyAddsTo, _passes) = (_layout.Trunk, seed, _layout.MultiplyAddsTo(), new(_layout, seed));
        var structure = Objective == new SoftmaxCrossEntropy() ? _layout.ToString() : $"{_layout}; {Objective}";
        Plan = new(input, classes, MultiplyAddsTo[^1], _layout.Slices(), features, structure) { Target = Objective.Target };
        var (layout, plan) = (_layout, Plan);
        _initial = new(() => InitialOf(layout, plan, seed));
    }

    /// <summary>The trunk.</summary>
    public ImmutableArray<Layer> Layers => _trunk.Layers;

    /// <summary>The exits, in order; the last is the network's end.</summary>
    public ImmutableArray<Exit> Exits => _layout.Exits;

    /// <summary>The loss of every exit.</summary>
    public Loss Objective { get; }

    /// <summary>The trained exits and their targets; default joint. It does not change the schema hash.</summary>
    /// <exception cref="ArgumentException">Self-distillation needs a loss over class scores.</exception>
    public ExitTraining ExitTraining
    {
        get;
        init => field = value != ExitTraining.SelfDistilling || Objective is SoftmaxCrossEntropy or Distillation
            ? value : throw new ArgumentException($"self-distilling: expected a softmax cross-entropy, got {Objective}");
    }

    /// <summary>Shape of a row before each layer; the last is the trunk's output.</summary>
    public ImmutableArray<Shape> Boundaries => _trunk.Boundaries;

    /// <summary>Multiply-adds to exit e: the trunk up to that exit and heads 0 to e.</summary>
    public ImmutableArray<long> MultiplyAddsTo { get; }

    /// <inheritdoc />
    public ModelPlan Plan { get; private set; }

    /// <summary>The trainable part; default all.</summary>
    public TrainableMask Mask { get; private set; } = TrainableMask.All;

    /// <summary>Version 0, created on first use, so that <see cref="Memory"/> can be queried before.</summary>
    public Weights Initial => _initial.Value;

    /// <summary>The layers' plans: shape, slices, multiply-adds, tape and scratch.</summary>
    public ImmutableArray<LayerPlan> LayerPlans => _trunk.Plans;

    /// <summary>The plans of the exits' heads.</summary>
    public ImmutableArray<LayerPlan> HeadPlans => _layout.Heads;

    /// <inheritdoc />
    public int MaxThreads => 2;

    /// <inheritdoc />
    public int ExitCount => Exits.Length;

    internal long Seed => _seed;

    /// <summary>Rows per pass of a step, few enough for the cache; all if a layer mixes rows. Gradient chains span blocks.</summary>
    internal int RowsOfTape => _layout.RowsOfTape;

    internal NetworkLayout Layout => _layout;

    internal NetworkPasses Passes => _passes;

    /// <summary>Returns the network with other slices <see cref="SliceKind.Frozen"/>, and the same values and schema hash.</summary>
    /// <remarks>Layers, and frozen heads, below the lowest layer that learns run as inference. A later mask replaces this one.</remarks>
    /// <exception cref="ArgumentException">No value would learn, or there is no such layer.</exception>
    public Network Masked(TrainableMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mask.Below, Layers.Length);
        var copy = (Network)MemberwiseClone();
        (copy._layout, copy.Mask) = (_layout.Masked(mask), mask);
        (copy._trunk, copy._passes) = (copy._layout.Trunk, new(copy._layout, _seed));
        copy.Plan = Plan.With(copy._layout.Slices().Select(static slice => slice.Kind),
            Plan.MultiplyAdds + PartValues.BackwardMultiplyAdds(copy, 0, Layers.Length));
        return copy;
    }

    /// <summary>Returns the network with the given <see cref="Initial"/> weights.</summary>
    /// <param name="weights">Weights of this network, with their scale.</param>
    /// <exception cref="ArgumentException">The weights are of another model.</exception>
    public Network StartingFrom(Weights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.SchemaHash != Plan.SchemaHash || weights.Values.Length != Plan.Values)
        {
            throw new ArgumentException($"expected weights of {Structure}, got {weights}", nameof(weights));
        }

        var copy = (Network)MemberwiseClone();
        var start = new Weights { Version = 0, SchemaHash = Plan.SchemaHash, Values = weights.Values, Scale = weights.Scale };
        (copy._initial, copy._start) = (new(start), start.Sha256());
        return copy;
    }

    /// <summary>Returns the network with a signature, such as class names and units. It changes <see cref="ModelPlan.SchemaHash"/>, so that
    /// versions and updates of others are refused. Values and files are the same.</summary>
    /// <param name="signature">The signature; empty for none.</param>
    public Network Signed(string signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        var copy = (Network)MemberwiseClone();
        var (plan, initial) = (Plan.Signed(signature), _initial);
        (copy.Plan, copy._initial) = (plan, new(() => initial.Value with { SchemaHash = plan.SchemaHash }));
        return copy;
    }

    /// <summary>Plans memory for training and inference, layer by layer.</summary>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="threads">Training threads, 1 or 2; default 1.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) => NetworkMemory.Of(this, rows, optimizer, threads);

    /// <inheritdoc />
    public bool Equals(Network? other) => ReferenceEquals(this, other) || (other is not null
        && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed && _start == other._start && Mask == other.Mask
        && ExitTraining == other.ExitTraining && Plan.Input == other.Plan.Input && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan())
        && Exits.AsSpan().SequenceEqual(other.Exits.AsSpan()) && Plan.Features.AsSpan().SequenceEqual(other.Plan.Features.AsSpan()));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Network);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed, Mask);

    /// <summary>Formats a table of layers with output, parameters, multiply-adds and training memory per row.</summary>
    public override string ToString() => NetworkTable.Of(this);

    /// <summary>Input, layers, exits, seed and mask in one line.</summary>
    public string Structure => $"{_layout}; seed {_seed}{(_start.Length == 0 ? "" : $"; from {_start[..8]}")}"
        + (Mask == TrainableMask.All ? "" : $"; learns: {Mask}")
        + (ExitTraining == ExitTraining.Joint ? "" : $"; exits {ExitTraining}");

    private static Weights InitialOf(NetworkLayout layout, ModelPlan plan, long seed)
    {
        var values = new float[plan.Values];
        layout.Initialize(values, new(seed, "network-initial"));
        return new() { Version = 0, SchemaHash = plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    /// <summary>Runs inference on layers [from, to), without exits. Running part after part gives the same bits as one run.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">One past the last layer; if equal to <paramref name="from"/>, the inputs are copied.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: activations at boundary <paramref name="to"/>, <c>[rows, boundary]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">The range or a length is wrong.</exception>
    public void InferLayers(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Span<float> outputs,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Boundaries[from].Size, inputs.Length, "inputs");
        NetworkLayout.Expect(rows * Boundaries[to].Size, outputs.Length, "outputs");
        _passes.Trunk(weights, from, to, inputs, rows, outputs, memory);
    }

    /// <summary>Computes answers from the end of the trunk, as <see cref="Infer"/> does.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="activations">Activations after the last layer, <c>[rows, boundary]</c>.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="outputs">Written: answers, <c>[rows, outputs]</c>.</param>
    /// <param name="memory">Scratch memory.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    public void InferEnd(ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(rows * Boundaries[^1].Size, activations.Length, "activations");
        NetworkLayout.Expect(rows * Plan.Outputs, outputs.Length, "outputs");
        _passes.Head(weights, Exits.Length - 1, activations, rows, outputs, memory);
        Objective.Answer(outputs, rows);
    }

    int ISplitModel.PartCount => Layers.Length;

    Shape ISplitModel.ShapeAt(int boundary) => Boundaries[boundary];

    int ISplitModel.PartOf(int exit) => Exits[exit].After;

    ISplitTape ISplitModel.CreateTape() => new Tape { Made = this };

    void ISplitModel.Forward(
        ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, ISplitTape tape, bool pin) =>
        Forward(weights, from, to, inputs, rows, (Tape)tape, pin);

    float ISplitModel.ExitLosses(ISplitTape tape, in Sample batch) => ExitLosses((Tape)tape, batch);

    void ISplitModel.Backward(ReadOnlySpan<float> weights, ISplitTape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients) => Backward(weights, (Tape)tape, outputGradients, gradients, inputGradients);

    /// <summary>Creates a small network for sensor windows: two convolutions over time, each with an exit.</summary>
    /// <remarks>Shape: [channels, samples] to [classes]. Cost: the first stride grows with the window, leaving about 64 positions. Loss: ½
    /// · first exit + second exit.</remarks>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="samples">Samples per window, at least 1.</param>
    /// <param name="classes">Classes, at least 2; 1 for a value.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The float32 columns, in order; empty: any.</param>
    /// <param name="objective">The loss; null: softmax cross-entropy.</param>
    public static Network OfWindows(int channels, int samples, int classes, long seed = 0, ImmutableArray<Field> features = default,
        Loss? objective = null)
    {
        var stride = Math.Max(2, samples / 128);
        var kernel = Math.Max(9, (2 * stride) + 1);
        return new(
            new(channels, samples),
            classes,
            [
                new Scale(),
                new Conv1d(16, kernel, stride, kernel / 2), new GroupNorm(2), new Relu(),
                new Conv1d(32, 9, 2, 4), new GroupNorm(4), new Relu(),
            ],
            [
                new(3, new Sequential(new GlobalMeanMax(), new Dense(classes)), 0.5f),
                new(6, new Sequential(new GlobalMeanMax(), new Dense(classes))),
            ],
            seed,
            features,
            objective);
    }
}
