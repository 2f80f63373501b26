using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace StreamLearn.Tables;

internal static class OwnReader
{
    /// <summary>Returns refused rows only if all rows are read.</summary>
    /// <exception cref="FileRowsException">A file cannot be read.</exception>
    /// <exception cref="ProgramException">What <paramref name="read"/> threw.</exception>
    public static List<RefusedRow> Read(IOwnFiles files, OwnForm form, Action<Batch> read, int most = int.MaxValue)
    {
        List<RefusedRow> refused = [];
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("rows", p =>
        {
            if (most < int.MaxValue)
            {
                files.Play(p, form, refuse: null).Take((most + form.BatchRows - 1) / form.BatchRows).ForEach("read", read);
                return;
            }

            files.Play(p, form, refused.Add).ForEach("read", read);
        }));
        world.RunToEnd();
        if (device.Failure is not { } failure) { return refused; }
        throw failure.GetBaseException() is FileRowsException or ProgramException ? failure.GetBaseException() : failure;
    }
}
