using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>The model and settings of the block.</summary>
internal sealed record ReplicatedModelBlock(IModel Model, ReplicatedModelOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public int MaxOutputsPerCall => 4;

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.OfSites;

    /// <inheritdoc />
    public long MessageBytes => Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public string State => "its copy, changes that wait, the clocks of the others"
        + (Holds ? ", updates held" : "") + (Options.Barrier is null ? "" : ", places awaited");

    /// <inheritdoc />
    public long StateBytes(Schema? input) => ((Options.Barrier is null ? 2 : 3) * Model.Plan.ParameterBytes) + (Options.Capacity
        * (128 + (Holds ? Options.MaxHeld * Model.Plan.ParameterBytes : 0)
            + (Options.Barrier is null ? 0 : Model.Plan.ParameterBytes)));

    private bool Holds => Options.Joins || Options.IsOrdered;

    /// <inheritdoc />
    public override string ToString() => Options.ToString();
}
