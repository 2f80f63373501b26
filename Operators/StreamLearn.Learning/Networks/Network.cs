using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>
/// A network of layers with exits: it can answer behind any of them, and its training step can be taken apart at any boundary.
/// </summary>
/// <remarks>
/// Shape: [rows, input] to [rows, classes]. State: none; slices are named by the place of their layer, <c>1.conv1d.weight</c>, those of
/// heads by their exit, <c>exit0.1.dense.bias</c>, those of a first <see cref="Scale"/> as in every model. Layers are counted from 0;
/// boundary i lies before layer i. Loss: the sum over exits of loss weight × loss, mean over rows. Cost:
/// <see cref="MultiplyAddsTo"/>; a step three times as much, under a mask less. Source: Teerapittayanon, McDanel, Kung (2016),
/// BranchyNet, the joint loss.
/// </remarks>
public sealed class Network : IModel, IEquatable<Network>
{
    private const int RowsAtOnce = 32;      // of inference: bounds its memory, and stays in the cache
    private static readonly Distillation FromLastExit = new(Temperature: 3, TeacherShare: 0.5f);

    private readonly long _seed;
    private readonly Lazy<Weights> _initial;
    private NetworkLayout _layout;          // this and the next two: set on the copy that a mask makes, never later
    private LayerChain _trunk;
    private NetworkPasses _passes;

    /// <summary>Makes a network.</summary>
    /// <param name="input">Shape of one row.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="layers">The trunk, at least one layer.</param>
    /// <param name="exits">The exits, in order, at least one; the last behind the last layer. Each head gives one score a class.</param>
    /// <param name="seed">Seed of the initial values.</param>
    /// <param name="features">The float32 columns, one a channel, in order; empty if any columns of the right number will do.</param>
    /// <param name="objective">The loss of every exit; default softmax cross-entropy.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, exits are out of order, or a setting is out of range.</exception>
    public Network(Shape input, int classes, ImmutableArray<Layer> layers, ImmutableArray<Exit> exits, long seed = 0,
        ImmutableArray<Field> features = default, Loss? objective = null)
    {
        Objective = objective ?? new SoftmaxCrossEntropy();
        Objective.Check(classes);
        if (!features.IsDefaultOrEmpty && features.Length != input.Channels)
        {
            throw new ArgumentException($"expected {input.Channels} columns, one a channel, got {features.Length}", nameof(features));
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

    /// <summary>[i] is the shape of a row before layer i, the last that behind the trunk.</summary>
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
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mask.Below, Layers.Length, nameof(mask));
        var copy = (Network)MemberwiseClone();
        (copy._layout, copy.Mask) = (_layout.Masked(mask), mask);
        (copy._trunk, copy._passes) = (copy._layout.Trunk, new(copy._layout, _seed));
        copy.Plan = Plan.With(copy._layout.Slices().Select(static slice => slice.Kind),
            Plan.MultiplyAdds + PartValues.BackwardMultiplyAdds(copy, 0, Layers.Length));
        return copy;
    }

    /// <summary>Tells what memory a training step and inference take, layer by layer.</summary>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizer">What moves the values; null counts nothing for it.</param>
    /// <param name="threads">Threads of a training step, 1 or 2: the second one has scratch memory of its own. Default 1.</param>
    public MemoryPlan Memory(int rows, Optimizer? optimizer = null, int threads = 1) =>
        NetworkMemory.Of(this, rows, optimizer, threads);

    /// <summary>Throws unless the network can be trained so: it learns from rows alone, not from a teacher's scores.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">It needs a teacher.</exception>
    public void Check(TrainOptions options) => RequireNoTeacher();

    /// <summary>The slices of layers [from, to) and of the exits behind them, in the order of <see cref="Values"/>.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer behind the last one.</param>
    public ImmutableArray<Slice> Slices(int from, int to)
    {
        CheckRange(from, to);
        var slices = ImmutableArray.CreateBuilder<Slice>();
        foreach (var slice in Plan.Slices)
        {
            if (_layout.LayerOf(slice.Offset) is var layer && layer >= from && layer < to) { slices.Add(slice); }
        }

        return slices.ToImmutable();
    }

    /// <summary>Multiply-adds of one row forward through layers [from, to) and the exits behind them.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer behind the last one.</param>
    public long MultiplyAdds(int from, int to)
    {
        CheckRange(from, to);
        return PartValues.MultiplyAdds(this, from, to);
    }

    /// <summary>A copy of the values of layers [from, to) and of the exits behind them: layer by layer, then head by head.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer behind the last one.</param>
    /// <param name="weights">All values of the model, or as many gradients.</param>
    public float[] Values(int from, int to, ReadOnlySpan<float> weights)
    {
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        var part = new float[PartValues.Count(this, from, to)];
        PartValues.Take(this, from, to, weights, part);
        return part;
    }

    /// <summary>Writes the values of layers [from, to) and of the exits behind them, as <see cref="Values"/> gives them.</summary>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer behind the last one.</param>
    /// <param name="part">The values of the part.</param>
    /// <param name="weights">All values of the model: those of the part are overwritten.</param>
    public void SetValues(int from, int to, ReadOnlySpan<float> part, Span<float> weights)
    {
        CheckRange(from, to);
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        NetworkLayout.Expect(PartValues.Count(this, from, to), part.Length, "values of the part");
        PartValues.Put(this, from, to, part, weights);
    }

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        gradients.Clear();
        double loss = 0;
        for (var from = 0; from < batch.Rows; from += RowsOfTape)
        {
            var some = batch.Slice(from, Math.Min(batch.Rows - from, RowsOfTape), Plan);
            loss += Forward(weights, some, batch.Rows, memory.Tape);
            _passes.Backward(weights, memory.Tape, [], gradients, [], default, some.Features);
        }

        return (float)loss;
    }

    /// <inheritdoc />
    public float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(memory);
        optimizer.Check(Plan, state.Length, step);
        Plan.RequireLoss(batch, weights.Length, gradients.Length);
        float loss;
        if (optimizer.FusedUpdate is var (rate, momentum) && batch.Rows <= RowsOfTape)
        {
            loss = (float)Forward(weights, batch, batch.Rows, memory.Tape);
            if (!float.IsFinite(loss)) { return loss; }
            _passes.Backward(weights, memory.Tape, [], gradients, [],
                new() { Weights = weights, Velocity = momentum == 0 ? [] : state, Rate = rate, Momentum = momentum }, batch.Features);
        }
        else
        {
            loss = Loss(weights, batch, gradients, memory);
            if (!float.IsFinite(loss)) { return loss; }
            optimizer.Step(Plan, weights, gradients, state, step);
        }

        Plan.Renew(gradients, weights);
        return loss;
    }

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        var mark = memory.Mark();
        _ = memory.Rent(InferenceValues(batch.Rows));       // in one piece; handed out again below
        memory.Release(mark);
        var activations = memory.Rent(Math.Min(batch.Rows, RowsAtOnce) * Boundaries[^1].Size);
        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            var rows = Math.Min(batch.Rows - from, RowsAtOnce);
            var features = batch.Features.Slice(from * Plan.Input.Size, rows * Plan.Input.Size);
            var scores = outputs.Slice(from * Plan.Outputs, rows * Plan.Outputs);
            _passes.Trunk(weights, 0, Layers.Length, features, rows, activations, memory);
            _passes.Head(weights, Exits.Length - 1, activations[..(rows * Boundaries[^1].Size)], rows, scores, memory);
            Objective.Answer(scores, rows);
        }

        memory.Release(mark);
    }

    /// <summary>
    /// The first part of a step: runs layers [from, to) and the exits behind them (an exit belongs to the range that holds the layer it is
    /// behind), and leaves on the tape what the other parts need.
    /// </summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer behind the last one: above <paramref name="from"/>, at most the number of layers.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>; the tape copies what it
    /// needs.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="tape">The tape; what it held is gone.</param>
    /// <param name="pin">Whether the tape keeps a copy of these weights, for a backward pass after they have moved.</param>
    /// <exception cref="ArgumentException">The range is not one of the network, or a span has not the length it should have.</exception>
    internal void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Tape tape, bool pin = false)
    {
        ArgumentNullException.ThrowIfNull(tape);
        _layout.Check(from, to, rows, weights.Length, inputs.Length);
        tape.Begin(this, _layout.Tape(from, to), rows);
        if (pin) { tape.Pin(weights); }
        _passes.Forward(weights, inputs, tape);
    }

    /// <summary>
    /// The second part: gives the sum of loss weight × loss over the exits of the tape's range, mean over rows; the gradients of the scores
    /// stay on the tape. Without it the exits teach nothing.
    /// </summary>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="labels">A class for each row.</param>
    /// <param name="logitOffsets">Added to the scores of every row, one for each class; empty for none.</param>
    /// <exception cref="ArgumentException">The tape is another network's, or a span has not the length it should have.</exception>
    internal float ExitLosses(Tape tape, ReadOnlySpan<int> labels, ReadOnlySpan<float> logitOffsets) =>
        ExitLosses(tape, new Sample([], labels) { LogitOffsets = logitOffsets });

    /// <summary>The second part, for any loss: gives the sum of loss weight × loss over the exits of the tape's range that teach.</summary>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="batch">What the rows should have given: labels, targets, a teacher's scores; features are not looked at.</param>
    /// <exception cref="ArgumentException">The tape is another network's, or a span has not the length it should have.</exception>
    internal float ExitLosses(Tape tape, in Sample batch) => (float)ExitLosses(tape, batch, batch.Rows);

    private double ExitLosses(Tape tape, in Sample batch, int rowsOfBatch)
    {
        Check(tape);
        NetworkLayout.Expect(tape.Rows, batch.Rows, "labels");
        if (!batch.LogitOffsets.IsEmpty) { NetworkLayout.Expect(Plan.Outputs, batch.LogitOffsets.Length, "logit offsets"); }
        double loss = 0;
        for (var i = tape.From; i < tape.To; i++)
        {
            if (_layout.ExitBehind(i) is not (>= 0 and var exit)) { continue; }
            var gradients = _layout.LogitGradients(tape, exit);
            gradients.Clear();
            var isLast = exit == Exits.Length - 1;
            if (ExitTraining == (isLast ? ExitTraining.EarlyOnly : ExitTraining.LastOnly)) { continue; }
            _layout.Logits(tape, exit).CopyTo(gradients);
            var factor = Exits[exit].LossWeight / rowsOfBatch;
            var sum = Objective.Gradient(gradients, batch);
            if (ExitTraining == ExitTraining.SelfDistilling && !isLast && tape.To == Layers.Length)
            {
                var teacher = _layout.Logits(tape, Exits.Length - 1);
                sum = FromLastExit.Mix(sum, _layout.Logits(tape, exit), teacher, Plan.Outputs, gradients);
            }

            foreach (ref var gradient in gradients) { gradient *= factor; }
            loss += Exits[exit].LossWeight * sum / rowsOfBatch;
        }

        return loss;
    }

    /// <summary>The last part: takes the gradients back through the layers of the tape's range. The tape stays as it is.</summary>
    /// <param name="weights">The weights of the forward pass; empty: the ones that were pinned.</param>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="outputGradients">
    /// Gradient of the outputs, <c>[rows, boundary]</c>; empty at the end of the network, or where the range's own exits alone teach.
    /// </param>
    /// <param name="gradients">
    /// As many values as the model has: those of the range's trained slices are added to, those of its statistic slices are overwritten
    /// with the statistics; frozen ones are zeros or stay, the others stay.
    /// </param>
    /// <param name="inputGradients">
    /// The gradient of the inputs, <c>[rows, boundary]</c>: overwritten; empty: not wanted. Zeros where a mask lets nothing below learn.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The tape is another network's or has no weights pinned, or a span has not the length it should have.
    /// </exception>
    internal void Backward(ReadOnlySpan<float> weights, Tape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients)
    {
        Check(tape);
        _passes.Backward(weights, tape, outputGradients, gradients, inputGradients, default, []);
    }

    /// <inheritdoc />
    public bool Equals(Network? other) => ReferenceEquals(this, other) || (other is not null
        && Plan.SchemaHash == other.Plan.SchemaHash && _seed == other._seed && Mask == other.Mask && ExitTraining == other.ExitTraining
        && Plan.Input == other.Plan.Input && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan())
        && Exits.AsSpan().SequenceEqual(other.Exits.AsSpan()) && Plan.Features.AsSpan().SequenceEqual(other.Plan.Features.AsSpan()));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Network);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _seed, Mask);

    /// <inheritdoc />
    public override string ToString() => $"{_layout}; seed {_seed}{(Mask == TrainableMask.All ? "" : $"; learns: {Mask}")}"
        + (ExitTraining == ExitTraining.Joint ? "" : $"; exits {ExitTraining}");

    /// <summary>Values of scratch that inference of some rows takes.</summary>
    internal int InferenceValues(int rows)
    {
        rows = Math.Min(rows, RowsAtOnce);
        var trunk = (2 * rows * _trunk.Widest(0, Layers.Length)) + _trunk.Scratch(0, Layers.Length, rows);
        return checked(Vectors.Widen(rows * Boundaries[^1].Size) + Math.Max(trunk, _layout.Heads[^1].Scratch(rows)));
    }

    /// <summary>Throws if the loss learns from a teacher's scores: rows of a stream do not bring them along.</summary>
    internal void RequireNoTeacher()
    {
        if (Objective is Distillation) { throw new ArgumentException($"expected a network that learns from rows alone, got {this}"); }
    }

    private static Weights InitialOf(NetworkLayout layout, ModelPlan plan, long seed)
    {
        var values = new float[plan.Values];
        layout.Initialize(values, new(seed, "network-initial"));
        return new() { Version = 0, SchemaHash = plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

    private void CheckRange(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Layers.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
    }

    /// <summary>The forward pass of rows of a batch, and their part of its loss.</summary>
    private double Forward(ReadOnlySpan<float> weights, in Sample batch, int rowsOfBatch, Tape tape)
    {
        var inputs = batch.Features[..(batch.Rows * Plan.Input.Size)];
        _layout.Check(0, Layers.Length, batch.Rows, weights.Length, inputs.Length);
        tape.Number = batch.Number;
        tape.Begin(this, _layout.Step, batch.Rows);
        _passes.Forward(weights, inputs, tape);
        return ExitLosses(tape, batch, rowsOfBatch);
    }

    private void Check(Tape tape)
    {
        ArgumentNullException.ThrowIfNull(tape);
        if (!Equals(tape.Network)) { throw new ArgumentException("expected a tape that this network has written", nameof(tape)); }
    }
}
