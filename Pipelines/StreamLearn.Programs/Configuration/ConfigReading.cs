namespace StreamLearn.Programs;

/// <summary>Settings that were read, and what they were made of.</summary>
/// <typeparam name="T">The program's settings.</typeparam>
public sealed class ConfigReading<T>
{
    private readonly YamlMapping _shown;

    internal ConfigReading(T value, YamlMapping shown) => (Value, _shown) = (value, shown);

    /// <summary>The settings.</summary>
    public T Value { get; }

    /// <summary>All values in the order in which they were read, defaults among them, as YAML that gives the same settings.</summary>
    /// <param name="withOrigins">True: each value has a comment that says where it comes from.</param>
    public string ToYaml(bool withOrigins = false) => YamlWriting.Text(_shown, withOrigins);
}
