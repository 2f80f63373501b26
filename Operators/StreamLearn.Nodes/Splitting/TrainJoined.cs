using System.Globalization;

namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Trains a network on the columns that several devices have of the same rows.</summary>
    /// <remarks> Shape: device batches in, the gradient for each out. Model inputs are the devices' values in device order, row by row;
    /// labels come from the first device that sends any. State: weights, optimizer state, a batch of each device. Cost: three forward
    /// passes per row. Emits: one answer for each device, once all have sent the same batch number. Drops: <c>unknown-device</c>,
    /// <c>epoch</c>, <c>duplicate</c>, <c>unmatched</c> (others are at a later batch), <c>shape</c>, <c>non-finite</c>, <c>bad-label</c>,
    /// <c>unlabelled</c>. Source: Vepakomma et al. (2018), for vertically partitioned data. </remarks>
    /// <param name="flow">Device batches.</param>
    /// <param name="model">The network of the edge; its inputs are the values of all devices.</param>
    /// <param name="devices">The devices with their numbers of values per row, in order, at least one.</param>
    /// <param name="options">Settings as on the devices, with one batch in flight.</param>
    /// <exception cref="ArgumentException">An argument or option is out of range.</exception>
    public static Fork<BoundaryGradients, SplitReport> TrainJoined(this Flow<Activations> flow, ISplitModel model,
        ImmutableArray<(string Device, int Values)> devices, SplitTrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        options = Checked(model, options);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.InFlight, 1);
        if (devices.IsDefaultOrEmpty || devices.Any(static d => d.Values < 1)
            || devices.DistinctBy(static d => d.Device).Count() < devices.Length
            || devices.Sum(static d => d.Values) != model.ShapeAt(0).Size)
        {
            throw new ArgumentException("expected distinct devices with at least one value each and a total of "
                + $"{model.ShapeAt(0).Size} values per row", nameof(devices));
        }

        return flow.Via("train-joined", new JoinedBlock(model, devices, options),
            static (JoinedBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients, IOutput<SplitReport> reports) =>
                new JoinedTail(block, context, gradients, reports));
    }
}

internal sealed record JoinedBlock(ISplitModel Model, ImmutableArray<(string Device, int Values)> Devices, SplitTrainOptions Options)
    : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => SplitMessages.All;

    public int MaxOutputsPerCall => Devices.Length + 1;

    public string State => "weights, optimizer state, the last good copy of both, a batch of each device";

    public long StateBytes(Schema? input) => Options.StateBytes(Model, tapes: 1) + (8L * Options.BatchRows * Model.ShapeAt(0).Size);

    public bool Equals(JoinedBlock? other) => other is not null && ReferenceEquals(Model, other.Model)
        && Devices.AsSpan().SequenceEqual(other.Devices.AsSpan()) && Options == other.Options;

    public override int GetHashCode() => HashCode.Combine(Devices.Length, Options);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Model.Structure}; {Devices.Length} devices; {Options}");
}
