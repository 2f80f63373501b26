namespace StreamLearn.Learning;

internal sealed record InferExitsBlock(IStagedModel Model, InferOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => LearningCodecs.Messages;

    /// <summary>Weights until a version arrives; null: the model's initial ones.</summary>
    internal Weights? Start { get; init; }

    public int MaxOutputsPerCall => 2;

    public string State => "newest model version, exit plan, budget";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan) + Options.PlanFor(Model).SizeBytes
        + (Options.Adaptive is null ? 0 : ExitSteering.StateBytes);

    public Schema Output(Schema input)
    {
        var fields = new InferBlock(Model).Output(input).Fields;
        var after = 1;
        while (fields[after - 1].Name != InferBlock.ConfidenceColumn) { after++; }
        var added = new List<Field> { new(InferBlock.ExitColumn, ColumnType.Int32, Unit.One) };
        if (Options.Versions) { added.Add(new(InferBlock.VersionColumn, ColumnType.Int64, Unit.One)); }
        for (var c = 0; Options.Probabilities && c < Model.Plan.Outputs; c++)
        {
            added.Add(Field.Channel(AnswerColumns.Probability(c), Unit.One));
        }

        return new(fields.InsertRange(after, added));
    }

    internal static int FirstProbability(Schema answers) => answers.IndexOf(AnswerColumns.Probability(0));

    public override string ToString() => $"{Model.Structure}; {Options}";
}
