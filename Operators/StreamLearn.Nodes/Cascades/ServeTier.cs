namespace StreamLearn.Nodes;

internal sealed record ServeTierBlock(ICascadeTier Tier, int Number) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.CascadeMessages;

    public override string ToString() => $"{Tier.Name}; tier {Number}";
}

internal sealed class ServeTier(ServeTierBlock block, OperatorContext context, IOutput<CascadeAnswer> output) : Operator<CascadeQuestion>
{
    private readonly Workspace _memory = new();

    public override void Process(CascadeQuestion input)
    {
        context.Charge(block.Tier.MultiplyAdds);
        var (known, text, confidence) = block.Tier.Answer(input, context.Random, _memory);
        output.Emit(new()
        {
            Key = input.Key,
            Source = input.Source,
            Class = known,
            Text = text,
            Confidence = confidence,
            Tier = block.Number,
            Privacy = input.Label,
        });
    }
}
