namespace StreamLearn.Nodes;

internal sealed record SplitFrontBlock(ISplitModel Model, int Split, SplitTrainOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => SplitMessages.All;

    public int MaxOutputsPerCall => Options.InFlight + 2;      // batches, a move and a report

    public string State => "weights, optimizer state, the last good copy of both, batches in flight, rows of the next batch";

    public long StateBytes(Schema? input) =>
        Options.StateBytes(Model, Options.InFlight) + (4L * (Model.Plan.Input.Size + 1) * Options.BatchRows);

    public Schema Output(Schema input)
    {
        RowLabels.Require(Model.Plan, input, labelled: true);
        return input;
    }

    public override string ToString() => $"{Model.Structure}; layers 0 to {Split}; {Options}";
}
