using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>
/// A network of layers with exits: it can answer after any of them, and its training step can be taken apart at any boundary.
/// </summary>
/// <remarks>
/// Shape: [rows, input] to [rows, classes]. State: none; slices are named by the place of their layer, <c>1.conv1d.weight</c>, those of
/// heads by their exit, <c>exit0.1.dense.bias</c>, those of a first <see cref="Scale"/> as in every model. Layers are counted from 0;
/// boundary i lies before layer i. Loss: the sum over exits of loss weight × loss, mean over rows. Cost:
/// <see cref="MultiplyAddsTo"/>; a step three times as much, under a mask less. Source: Teerapittayanon, McDanel, Kung (2016),
/// BranchyNet, the joint loss.
/// </remarks>
public sealed partial class Network : ISplitModel, IEquatable<Network>
{
    private readonly long _seed;
    private Lazy<Weights> _initial;         // this and the next four: set on copies that are made here, never later
    private string _start = "";             // SHA-256 of given values; empty where the seed makes them
    private NetworkLayout _layout;
    private LayerChain _trunk;
    private NetworkPasses _passes;

    /// <summary>Makes a network.</summary>
    /// <param name="input">Shape of one row.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="layers">The trunk, at least one layer.</param>
    /// <param name="exits">The exits, in order, at least one; the last after the last layer. Each head gives one score per class.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The float32 columns, one per channel, in order; empty if any columns of the right number will do.</param>
    /// <param name="objective">The loss of every exit; default softmax cross-entropy.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, exits are out of order, or a setting is out of range.</exception>
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

    /// <summary>The exits, in order; the last is the end of the network.</summary>
    public ImmutableArray<Exit> Exits => _layout.Exits;

    /// <summary>The loss of every exit.</summary>
    public Loss Objective { get; }

    /// <summary>Which exits teach, and what they learn from; default all of them together. The schema hash does not depend on it.</summary>
    /// <exception cref="ArgumentException">Exits cannot learn from the last one, because the loss is none of class scores.</exception>
    public ExitTraining ExitTraining
    {
        get;
        init => field = value != ExitTraining.SelfDistilling || Objective is SoftmaxCrossEntropy or Distillation
            ? value : throw new ArgumentException($"self-distilling: expected a softmax cross-entropy, got {Objective}");
    }

    /// <summary>[i] is the shape of a row before layer i; the last one is the output of the trunk.</summary>
    public ImmutableArray<Shape> Boundaries => _trunk.Boundaries;

    /// <summary>[e] is the multiply-adds of a row that leaves at exit e: the trunk up to there and the heads 0 to e.</summary>
    public ImmutableArray<long> MultiplyAddsTo { get; }

    /// <inheritdoc />
    public ModelPlan Plan { get; private set; }

    /// <summary>What of it learns; default all.</summary>
    public TrainableMask Mask { get; private set; } = TrainableMask.All;

    /// <summary>Version 0: seeded at construction, and made when first asked for. A network that nobody asks takes no memory for values, so
    /// that <see cref="Memory"/> can be asked first.</summary>
    public Weights Initial => _initial.Value;

    /// <summary>The layers' plans: shape, slices, multiply-adds, tape and scratch.</summary>
    public ImmutableArray<LayerPlan> LayerPlans => _trunk.Plans;

    /// <summary>The plans of the exits' heads.</summary>
    public ImmutableArray<LayerPlan> HeadPlans => _layout.Heads;

    /// <inheritdoc />
    public int MaxThreads => 2;

    /// <inheritdoc />
    public int ExitCount => Exits.Length;

    /// <summary>Seed of the initial values.</summary>
    internal long Seed => _seed;

    /// <summary>
    /// Rows that a step takes through all layers at a time: so few that what stays between the passes stays in the cache. The gradients'
    /// chains go on from some rows to the next. All of them where a layer mixes rows.
    /// </summary>
    internal int RowsOfTape => _layout.RowsOfTape;

    /// <summary>Where the values of its parts lie.</summary>
    internal NetworkLayout Layout => _layout;

    /// <summary>The passes through its layers.</summary>
    internal NetworkPasses Passes => _passes;

    /// <summary>
    /// The same network of which only a part learns: its other trained slices are <see cref="SliceKind.Frozen"/>. Values and schema hash
    /// are those of this one.
    /// </summary>
    /// <remarks>
    /// Layers below the lowest one that learns, and heads there of which nothing learns, run as inference and leave nothing on the tape. A
    /// later mask replaces this one.
    /// </remarks>
    /// <param name="mask">What learns.</param>
    /// <exception cref="ArgumentException">Nothing would learn, or there is no such layer.</exception>
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

    /// <summary>The same network whose <see cref="Initial"/> values are given ones: what fits, learns or trains it goes on from
    /// them.</summary>
    /// <param name="weights">The values, of this network; their scale stays with them.</param>
    /// <exception cref="ArgumentException">They are of another model.</exception>
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

    /// <summary>The same network for inputs and outputs of a signature, such as the names of its classes and the names and units of its
    /// columns. Values and files are those of this one; versions and updates of another signature have another
    /// <see cref="ModelPlan.SchemaHash"/>, and are refused.</summary>
    /// <param name="signature">The signature; empty for none.</param>
    public Network Signed(string signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        var copy = (Network)MemberwiseClone();
        var (plan, initial) = (Plan.Signed(signature), _initial);
        (copy.Plan, copy._initial) = (plan, new(() => initial.Value with { SchemaHash = plan.SchemaHash }));
        return copy;
    }

    /// <summary>Tells what memory a training step and inference take, layer by layer.</summary>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizer">What moves the values; null counts nothing for it.</param>
    /// <param name="threads">Threads of a training step, 1 or 2: the second one has scratch memory of its own. Default 1.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) =>
        NetworkMemory.Of(this, rows, optimizer, threads);

    /// <inheritdoc />
    public bool Equals(Network? other) => ReferenceEquals(this, other) || (other is not null
        && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed && _start == other._start && Mask == other.Mask
        && ExitTraining == other.ExitTraining && Plan.Input == other.Plan.Input && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan())
        && Exits.AsSpan().SequenceEqual(other.Exits.AsSpan()) && Plan.Features.AsSpan().SequenceEqual(other.Plan.Features.AsSpan()));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Network);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed, Mask);

    /// <summary>A table: each layer with its output, parameters, multiply-adds and what it keeps of one row in training; totals.</summary>
    public override string ToString() => NetworkTable.Of(this);

    /// <summary>Input, layers, exits, seed, and what of it learns, in one line.</summary>
    public string Structure => $"{_layout}; seed {_seed}{(_start.Length == 0 ? "" : $"; from {_start[..8]}")}"
        + (Mask == TrainableMask.All ? "" : $"; learns: {Mask}")
        + (ExitTraining == ExitTraining.Joint ? "" : $"; exits {ExitTraining}");

    private static Weights InitialOf(NetworkLayout layout, ModelPlan plan, long seed)
    {
        var values = new float[plan.Values];
        layout.Initialize(values, new(seed, "network-initial"));
        return new() { Version = 0, SchemaHash = plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }
}
