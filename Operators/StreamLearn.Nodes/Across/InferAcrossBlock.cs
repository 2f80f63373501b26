namespace StreamLearn.Nodes;

internal sealed record InferAcrossBlock(Network Model, AcrossOptions Options) : IBlockOptions
{
    internal const int MaxWaiting = 64;

    internal const int MaxProbes = 8;

    internal const string PlaceColumn = "place";

    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.RestMessages;

    public int MaxOutputsPerCall => MaxWaiting + 4;

    public string State => "newest model version, answers that wait for the edge, estimates of link, edge and device";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan) + (1 << 20);

    public Schema Output(Schema input)
    {
        var fields = new InferBlock(Model).Output(input).Fields;
        var after = 1;
        while (fields[after - 1].Name != InferBlock.ConfidenceColumn) { after++; }
        Field[] added =
        [
            new(InferBlock.ExitColumn, ColumnType.Int32, Unit.One), new(PlaceColumn, ColumnType.Int32, Unit.One),
            new(InferBlock.VersionColumn, ColumnType.Int64, Unit.One),
        ];
        return new(fields.InsertRange(after, added));
    }

    public override string ToString() => $"{Model.Structure}; {Options}";
}
