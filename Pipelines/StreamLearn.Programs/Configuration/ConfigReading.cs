namespace StreamLearn.Programs;

/// <summary>Settings and the values they were read from.</summary>
/// <typeparam name="T">The program's settings.</typeparam>
internal sealed class ConfigReading<T>
{
    private readonly YamlMapping _shown;

    internal ConfigReading(T value, YamlMapping shown) => (Value, _shown) = (value, shown);

    /// <summary>The settings.</summary>
    public T Value { get; }

    /// <summary>Returns all values, with defaults, in reading order, as YAML that gives the same settings.</summary>
    /// <param name="withOrigins">True: adds the origin of each value as a comment.</param>
    public string ToYaml(bool withOrigins = false) => YamlWriting.Text(_shown, withOrigins);
}
