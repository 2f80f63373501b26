namespace StreamLearn.Tests;

/// <summary>Something of a program's own that is saved with its run.</summary>
internal sealed class Total : IStateful
{
    public string StateFormat { get; init; } = "total/1";
    internal long Value { get; set; }
    public void State(ref StateStream s) => Value = s.Value(Value);
}
