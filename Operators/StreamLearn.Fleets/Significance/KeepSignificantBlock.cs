using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>The model and settings of the block.</summary>
internal sealed record KeepSignificantBlock(IModel Model, KeepSignificantOptions Options, bool Receipts) : IBlockOptions
{
    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.All;

    /// <inheritdoc />
    public long MessageBytes => Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public string State => "changes that wait, the newest version" + (Receipts ? ", unanswered updates" : "");

    /// <inheritdoc />
    public long StateBytes(Schema? input) => (2 + (Receipts ? Options.MaxUnanswered : 0)) * Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public override string ToString() => Options.ToString();
}
