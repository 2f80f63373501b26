using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Says with each version on which rows its steps are made.</summary>
/// <param name="First">The case at the start.</param>
internal sealed record WithCaseOptions(DataCase First) : IBlockOptions
{
    /// <inheritdoc />
    public string State => "the case";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => sizeof(int);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"case {(int)First}");
}

/// <summary>Sends each version with the case that was asked for last.</summary>
internal sealed class WithCase(WithCaseOptions options, IOutput<TauVersion> output)
    : Operator<Weights>, IControlledBy<DemoCommand>, IStateful
{
    private DataCase _case = options.First;

    public string StateFormat => "with-case/1";

    public override void Process(Weights input) => output.Emit(new(input, _case));

    public void Control(DemoCommand message) => _case = message.Case ?? _case;

    public void State(ref StateStream s) =>
        _case = (DataCase)s.Value((int)_case, (int)DataCase.Uniform, (int)DataCase.Mixed);
}
