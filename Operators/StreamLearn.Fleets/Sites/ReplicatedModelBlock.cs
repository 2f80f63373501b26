namespace StreamLearn.Fleets;

internal sealed record ReplicatedModelBlock(IModel Model, ReplicatedModelOptions Options) : IBlockOptions
{
    public int MaxOutputsPerCall => 3 + Options.Workers;

    public IReadOnlyList<MessageCodec> MessageCodecs => UpdateMessages.OfSites;

    public long MessageBytes => Model.Plan.ParameterBytes;

    public string State => "its copy, changes that wait, the clocks of the others"
        + (HasWorkers ? " and of its workers, what these have learned" : "")
        + (Holds ? ", updates held" : "") + (Options.Barrier is null ? "" : ", places awaited");

    public long StateBytes(Schema? input) => ((Options.Barrier is null ? 2 : 3) * Model.Plan.ParameterBytes) + (Options.Capacity
        * (128 + (Holds ? HeldBytes : 0) + (Options.Barrier is null ? 0 : Model.Plan.ParameterBytes)))
        + (HasWorkers ? Model.Plan.ParameterBytes + (Options.Workers * (128 + (Options.IsOrdered ? HeldBytes : 0))) : 0);

    private long HeldBytes => Options.MaxHeld * Model.Plan.ParameterBytes;

    private bool HasWorkers => Options.Workers > 1;

    private bool Holds => Options.Joins || Options.IsOrdered;

    public override string ToString() => Options.ToString();
}
