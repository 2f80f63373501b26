using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace StreamLearn.Torch;

/// <summary>A PyTorch module as a model that learns, answers and is aggregated like the library's own, on libtorch.</summary>
/// <remarks> Shape: rows <c>[rows, features]</c>, <c>[rows, channels, samples]</c> or <c>[rows, channels, height, width]</c> to scores
/// <c>[rows, outputs]</c>. State: none; slices are the module's parameters by name (norms' bias and gain as <c>.bias</c> and <c>.gain</c>,
/// which weight decay skips; frozen without gradients) and its float buffers, statistics. Order: a step is seeded by the batch's number,
/// and bit-identical on the same processor with the same number of threads; other rows in a call may change an answer's last bits. Such
/// models' steps take turns, as a process has one random stream. Cost: <see cref="TorchOptions.MultiplyAdds"/>. The name identifies the
/// module's code, which no message or file carries: change it with the values' meaning. Source: Paszke et al. (2019), PyTorch. </remarks>
public sealed partial class TorchModel : ISplitModel, IEquatable<TorchModel>
{
    private const int RowsAtOnce = 256;     // rows per inference call, to limit memory

    private readonly string _name;
    private readonly TorchOptions _options;
    private readonly TorchLayout _layout;
    private readonly TorchReplicas _replicas;
    private readonly TorchProbe _probe;
    private readonly int[] _exits;              // [exit]: the part before it
    private readonly float[] _lossWeights;      // by exit
    private readonly long[] _work;              // multiply-adds by part

    /// <summary>Creates a model of a module.</summary>
    /// <param name="name">The name in schemas, files and reports.</param>
    /// <param name="shape">Shape of one row.</param>
    /// <param name="outputs">Scores per row, at least 1.</param>
    /// <param name="module">Creates the same module for each copy that trains or answers. Group norms always start with gains of 1 and
    /// biases of 0.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="NotSupportedException">libtorch is missing or does not run here; the message says what to add.</exception>
    /// <exception cref="ArgumentException">The module or a setting does not fit, or the device is missing.</exception>
    public TorchModel(string name, Shape shape, int outputs, Func<nn.Module<Tensor, Tensor>> module, TorchOptions? options = null)
        : this(name, shape, outputs, options ?? new(),
            () => TorchParts.Of((module ?? throw new ArgumentNullException(nameof(module)))()))
    {
    }

    private TorchModel(string name, Shape shape, int outputs, TorchOptions options, Func<TorchParts> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Size, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        options.Check(outputs);
        TorchNatives.Require();
        var device = TorchNatives.DeviceOf(options.Device);
        (_name, _options) = (name, options);
        var parts = Made();
        var layout = _layout = TorchLayout.Of(parts, name);
        if (parts.Stages.Length > 0 && options.MultiplyAdds > 0)
        {
            throw new ArgumentException(
                $"{name}: expected multiply-adds for each stage of {nameof(TorchExits)}, got them for all", nameof(options));
        }

        _exits = [.. parts.Exits];
        _work = WorkOf(parts, layout, options);
        _lossWeights = parts.Stages.Length == 0 ? [1] : [.. _exits.Select(p => parts.Stages[p].LossWeight)];
        MultiplyAddsTo = [.. _exits.Select(p => MultiplyAdds(0, p + 1))];
        Plan = new(shape, outputs, MultiplyAddsTo[^1], layout.Values.Select(static v => (v.Slice, v.Kind, v.Length)),
            structure: $"torch {name}: {string.Join(", ", layout.Values)}{LossText}")
        { Target = options.Loss.Target };
        var training = new TorchReplica(parts, layout, device, training: true);
        var initial = new float[layout.Count];
        training.Values(initial);
        Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = ImmutableCollectionsMarshal.AsImmutableArray(initial) };
        _replicas = new(Replica);
        if (!TensorPrimitives.IsFiniteAll<float>(initial))
        {
            throw new ArgumentException($"{name}: expected finite values, got infinite ones or NaN", nameof(make));
        }

        var answering = Replica(training: false);
        var again = new float[layout.Count];
        answering.Values(again);
        if (initial.AsSpan().CommonPrefixLength(again) is var same && same < initial.Length)
        {
            var value = layout.Values.Last(v => v.Offset <= same).Name;
            throw new ArgumentException($"{name}: expected the same values from each call of the factory, got others in {value}: use "
                + "only torch's random numbers, which are seeded before each call", nameof(make));
        }

        _probe = TorchProbe.Of(name, shape, outputs, training, answering, options);
        _replicas.Return(training, training: true);
        _replicas.Return(answering, training: false);

        TorchReplica Replica(bool training)
        {
            var made = Made();
            if (ReferenceEquals(made.Root, parts.Root))
            {
                throw new ArgumentException($"{name}: expected a new module at each call, got the same one again", nameof(make));
            }

            return TorchLayout.Of(made, name).Values.SequenceEqual(layout.Values, SameValue)
                ? new(made, layout, device, training)
                : throw new ArgumentException($"{name}: expected the same module each time, got another", nameof(make));
        }

        TorchParts Made()
        {
            lock (TorchCalls.Gate)
            {
                TorchCalls.Seed(options.Seed, -1, options.Threads);
                return make();
            }
        }
    }

    /// <summary>The model's name.</summary>
    public string Name => _name;

    /// <summary>The loss.</summary>
    public Loss Objective => _options.Loss;

    /// <inheritdoc />
    public ModelPlan Plan { get; }

    /// <summary>Version 0: the module's initial values from the seed, or those of <see cref="StartingFrom"/>.</summary>
    public Weights Initial { get; private init; }

    /// <inheritdoc />
    public NamedForm Form => new("torch", _name, [.. _layout.Values.Select(static v => v.Shape)]);

    /// <inheritdoc />
    public string Structure => $"torch {_name} {Plan.Input}→{Plan.Outputs}, {Plan.Values} values{LossText}; seed {_options.Seed}"
        + (_options.Device == "cpu" ? "" : $"; {_options.Device}") + (_options.Threads == 1 ? "" : $"; {_options.Threads} threads")
        + $"; from {Initial.Sha256()[..8]}";

    private string LossText => _options.Loss == new SoftmaxCrossEntropy() ? "" : $"; {_options.Loss}";

    /// <summary>Loads a TorchScript file with its values, as <c>torch.jit.script(module).save("a.pt")</c> writes it.</summary>
    /// <remarks> The name is the file's with a hash of its bytes. Scripts that set attributes, or draw random numbers other than by
    /// dropout, are refused because they cannot be repeated. Checksums are verified. A script is code: load only trusted files; libtorch
    /// ends the process on code that it cannot parse. </remarks>
    /// <param name="file">The file, read once.</param>
    /// <param name="shape">Shape of one row.</param>
    /// <param name="outputs">Scores per row, at least 1.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="NotSupportedException">libtorch is missing or does not run here; the message says what to add.</exception>
    /// <exception cref="ArgumentException">The file, the script or a setting does not fit.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TorchModel FromScript(string file, Shape shape, int outputs, TorchOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var bytes = File.ReadAllBytes(file);
        var name = $"{Path.GetFileNameWithoutExtension(file)} {Convert.ToHexStringLower(SHA256.HashData(bytes))[..8]}";
        var valueBytes = ScriptFile.Check(bytes, name);
        try
        {
            var model = new TorchModel(name, shape, outputs, options ?? new(), () => TorchParts.Of(bytes));
            return sizeof(float) * (long)model.Plan.Values <= valueBytes ? model
                : throw new ArgumentException($"{name}: expected {sizeof(float) * model.Plan.Values} bytes of values, got {valueBytes}");
        }
        catch (ExternalException problem)
        {
            throw new ArgumentException(
                $"{name}: expected a script that libtorch can load, got: {problem.Message.Trim().Split('\n')[0]}", nameof(file), problem);
        }
    }

    /// <summary>Returns the same model with other <see cref="Initial"/> weights.</summary>
    /// <param name="weights">Weights of this model, including their scale.</param>
    /// <exception cref="ArgumentException">The weights are of another model.</exception>
    public TorchModel StartingFrom(Weights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.SchemaHash != Plan.SchemaHash || weights.Values.Length != Plan.Values)
        {
            throw new ArgumentException($"expected weights of {Structure}, got {weights}", nameof(weights));
        }

        return new(this) { Initial = new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = weights.Values, Scale = weights.Scale } };
    }

    private TorchModel(TorchModel from)
    {
        (_name, _options, _layout, _replicas, _probe) = (from._name, from._options, from._layout, from._replicas, from._probe);
        (_exits, _lossWeights, _work) = (from._exits, from._lossWeights, from._work);
        (Plan, Initial, MultiplyAddsTo) = (from.Plan, from.Initial, from.MultiplyAddsTo);
    }

    /// <inheritdoc />
    public bool Equals(TorchModel? other) => ReferenceEquals(this, other)
        || (other is not null && Plan.SchemaHash == other.Plan.SchemaHash && Structure == other.Structure);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as TorchModel);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Plan.SchemaHash, _options.Seed);

    /// <inheritdoc />
    public override string ToString() => Structure;

    private static long[] WorkOf(TorchParts parts, TorchLayout layout, TorchOptions options) =>
        [.. Enumerable.Range(0, parts.Count).Select(part =>
        {
            var said = parts.Stages.Length == 0 ? options.MultiplyAdds : parts.Stages[part].MultiplyAdds;
            var values = layout.Values.Where(v => v.Part == part && v.Kind != SliceKind.Statistic).Sum(static v => (long)v.Length);
            return said > 0 ? said : Math.Max(1, values);
        })];

    private static bool SameValue(TorchValue a, TorchValue b) => a == b || a.ToString() == b.ToString();
}
