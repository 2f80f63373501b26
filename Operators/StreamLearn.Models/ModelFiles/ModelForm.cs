using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Structure of a model in a file, known before memory is allocated.</summary>
internal abstract record ModelForm
{
    /// <summary>The key of the kind of model; absent for networks.</summary>
    internal const string KindKey = "model";

    internal static ModelForm Of(IModel model) => model switch
    {
        Network m => ModelGraph.Of(m),
        Int8Network m => new Int8Form(ModelGraph.Of(m.Rounded)),
        LinearModel m => new LinearForm(m.Plan.Input.Size, m.HasBias, m.Decay, m.Objective, m.Plan.Features),
        KMeans m => new KMeansForm(m.Plan.Input.Size, m.Plan.Outputs, m.Seed, m.Plan.Features, m.Counts),
        SoftmaxRegression m => new SoftmaxForm(m.Plan.Input.Size, m.Plan.Outputs, m.Seed, m.Plan.Features),
        { Form: { } form } => ForeignForm.Of(model, form),
        _ => throw new ArgumentException($"expected a model that can be saved, got {model.Structure}", nameof(model)),
    };

    internal static ModelForm Parse(string text) => ModelGraph.Read<ModelForm>(text, "graph", graph =>
        !graph.Has(KindKey) ? ModelGraph.Read(graph) : graph.Text(KindKey) switch
        {
            Int8Form.Kind => Int8Form.Read(graph),
            LinearForm.Kind => LinearForm.Read(graph),
            KMeansForm.Kind => KMeansForm.Read(graph),
            SoftmaxForm.Kind => SoftmaxForm.Read(graph),
            var kind when graph.Has("values") => ForeignForm.Read(kind, graph),
            var kind => throw new ModelFormatException($"graph: unknown model '{kind}'"),
        });

    /// <summary>Number of values.</summary>
    /// <exception cref="ArgumentException">Such a model is not possible.</exception>
    internal abstract int Values();

    internal abstract IModel ToModel(IModel? expected);

    /// <summary>Returns the tensor layout; null if all tensors are float32.</summary>
    /// <exception cref="ArgumentException">Such a model is not possible.</exception>
    internal virtual PackedTensors? Packed() => null;

    internal string ToJson() => ModelGraph.Text(Write);

    protected abstract void Write(Utf8JsonWriter json);

    protected static int Count(long values, int features, ImmutableArray<Field> columns)
    {
        if (features < 1) { throw new ArgumentException($"expected at least 1 feature, got {features}"); }
        if (!columns.IsEmpty && columns.Length != features)
        {
            throw new ArgumentException($"expected {features} columns, one per feature, got {columns.Length}");
        }

        return values >= 1 && values <= Array.MaxLength / sizeof(float)
            ? (int)values
            : throw new ArgumentException($"expected 1 to {Array.MaxLength / sizeof(float)} values, got {values}");
    }
}
