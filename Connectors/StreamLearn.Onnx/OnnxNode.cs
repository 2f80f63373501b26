namespace StreamLearn.Onnx;

/// <summary>Exactly one of its values is set.</summary>
internal sealed record OnnxAttribute(string Name)
{
    internal float? Single { get; init; }

    internal long? Integer { get; init; }

    internal string? Text { get; init; }

    internal long[]? Integers { get; init; }

    internal OnnxTensor? Tensor { get; init; }
}

/// <summary><see cref="End"/> refuses attributes that were not read.</summary>
internal sealed record OnnxNode(string Name, string Operation, string[] Inputs, string[] Outputs, OnnxAttribute[] Attributes)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    internal string Output => Outputs is [{ Length: > 0 } first, ..] ? first : throw Refused("expected an output, got none");

    internal bool Has(string name) => Find(name) is not null;

    internal float Single(string name, float otherwise) => Find(name) is not { } found ? otherwise
        : found.Single ?? throw Refused($"expected a number as '{name}'");

    internal long Integer(string name, long otherwise) => Find(name) is not { } found ? otherwise
        : found.Integer ?? throw Refused($"expected a whole number as '{name}'");

    internal string Text(string name, string otherwise) => Find(name) is not { } found ? otherwise
        : found.Text ?? throw Refused($"expected a string as '{name}'");

    internal OnnxTensor? Tensor(string name) => Find(name) is not { } found ? null
        : found.Tensor ?? throw Refused($"expected a tensor as '{name}'");

    internal int[] Sizes(string name, int count, int otherwise)
    {
        var values = Integers(name) ?? [.. Enumerable.Repeat((long)otherwise, count)];
        if (values.Length != count || values.Any(static v => v is < 0 or > int.MaxValue))
        {
            throw Refused($"expected {count} sizes as '{name}', got [{string.Join(", ", values)}]");
        }

        return [.. values.Select(static v => (int)v)];
    }

    internal long[]? Integers(string name) => Find(name) is not { } found ? null
        : found.Integers ?? throw Refused($"expected whole numbers as '{name}'");

    internal void Only(string name, long value)
    {
        if (Integer(name, value) is var got && got != value) { throw Refused($"expected {name} {value}, got {got}"); }
    }

    internal void End()
    {
        var other = Array.Find(Attributes, a => !_asked.Contains(a.Name));
        if (other is not null)
        {
            var supported = _asked.Count == 0 ? "none" : string.Join(", ", _asked.Order(StringComparer.Ordinal));
            throw Refused($"unsupported attribute '{other.Name}'; supported: {supported}");
        }
    }

    internal ModelFormatException Refused(string why, Exception? inner = null) => new($"{this}: {why}", inner);

    public override string ToString() => $"node '{(Name.Length > 0 ? Name : Outputs.FirstOrDefault(""))}' ({Operation})";

    private OnnxAttribute? Find(string name)
    {
        _asked.Add(name);
        return Array.Find(Attributes, a => a.Name == name);
    }
}
