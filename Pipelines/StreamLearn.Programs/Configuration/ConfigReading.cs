namespace StreamLearn.Programs;

internal sealed class ConfigReading<T>
{
    private readonly YamlMapping _shown;

    internal ConfigReading(T value, YamlMapping shown) => (Value, _shown) = (value, shown);

    public T Value { get; }

    public string ToYaml(bool withOrigins = false) => YamlWriting.Text(_shown, withOrigins);
}
