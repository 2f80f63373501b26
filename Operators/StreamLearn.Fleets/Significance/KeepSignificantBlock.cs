namespace StreamLearn.Fleets;

internal sealed record KeepSignificantBlock(IModel Model, KeepSignificantOptions Options, bool Receipts) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.All;

    public long MessageBytes => Model.Plan.ParameterBytes;

    public string State => "changes that wait, the newest version" + (Receipts ? ", unanswered updates" : "");

    public long StateBytes(Schema? input) => (2 + (Receipts ? Options.MaxUnanswered : 0)) * Model.Plan.ParameterBytes;

    public override string ToString() => Options.ToString();
}
