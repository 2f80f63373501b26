using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>The model and settings of the block.</summary>
internal sealed record ReplicatedModelBlock(IModel Model, ReplicatedModelOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public int MaxOutputsPerCall => 2;

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.All;

    /// <inheritdoc />
    public long MessageBytes => Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public string State => "its copy, changes that wait, the clocks of the others";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => (2 * Model.Plan.ParameterBytes) + (64L * Options.Others);

    /// <inheritdoc />
    public override string ToString() => Options.ToString();
}
