namespace StreamLearn.Programs;

/// <summary>The values of a key, as a problem names them and as a list of keys does.</summary>
internal readonly record struct ConfigForm(string Expected, string Values)
{
    /// <summary>Null bounds: none. <paramref name="name"/>: the form in a list of keys.</summary>
    internal static ConfigForm Within(string what, string name, string? min, string? max) => (min, max) switch
    {
        (null, null) => new(what, name),
        (null, _) => new($"{what}, at most {max}", $"up to {Short(max)}"),
        (_, null) => new($"{what}, at least {min}", $"{Short(min)} or more"),
        _ when min == max => new(min, Short(min)),
        _ => new($"{what}, {min} to {max}", $"{Short(min)}–{Short(max)}"),
    };

    internal static ConfigForm List(int min, int max, string item)
    {
        var expected = min == max ? $"a list of {min}"
            : Within("a list", "", min == 0 ? null : $"{min} items", max == int.MaxValue ? null : $"{max} items").Expected;
        return new(expected, $"list of {(min == max ? $"{min}: " : "")}{item}{(min < max && item.All(char.IsAsciiLetter) ? "s" : "")}");
    }

    /// <summary>A default as text: 5e-5, not 5E-05.</summary>
    internal static string DefaultOf(YamlValue? shown) => shown switch
    {
        YamlScalar { IsPlain: true, Text: var text } when text.Contains('E', StringComparison.Ordinal) => Short(text),
        YamlScalar scalar => scalar.Text,
        YamlList { Items: [_, ..] items } => string.Join(", ", items.Select(DefaultOf)),
        _ => "none",
    };

    private static string Short(string text) => !double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? text
        : number.ToString(Math.Abs(number) is >= 1e9 or (> 0 and < 1e-4) ? "0.###e0" : "#,0.######", CultureInfo.InvariantCulture);
}
