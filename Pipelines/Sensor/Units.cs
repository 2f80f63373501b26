using System.Collections.Immutable;

namespace Sensor;

/// <summary>Units allowed in configurations.</summary>
/// <remarks>Source: the registries of SenML units (RFC 8428, RFC 8798), and pressure and flow sensors.</remarks>
internal static class Units
{
    internal static ImmutableArray<string> Known { get; } =
    [
        "1", "m", "kg", "g", "s", "A", "K", "cd", "mol", "Hz", "rad", "sr", "N", "Pa", "J", "W", "C", "V", "F", "Ohm", "S", "Wb", "T", "H",
        "Cel", "lm", "lx", "Bq", "Gy", "Sv", "kat", "m2", "m3", "l", "m/s", "m/s2", "m3/s", "l/s", "W/m2", "cd/m2", "bit", "bit/s", "lat",
        "lon", "pH", "dB", "dBW", "Bspl", "count", "/", "%", "%RH", "%EL", "EL", "1/s", "1/min", "beat/min", "beats", "S/m", "B", "VA",
        "VAs", "var", "vars", "J/m", "kg/m3", "deg", "NTU",
        "ms", "min", "h", "MHz", "kW", "kVA", "kvar", "Ah", "Wh", "kWh", "varh", "kvarh", "kVAh", "Wh/km", "KiB", "GB", "Mbit/s", "B/s",
        "MB/s", "mV", "mA", "dBm", "ug/m3", "mm/h", "m/h", "ppm", "/100", "/1000", "hPa", "mm", "cm", "km", "km/h",
        "gn", "rad/s", "rad/s2", "deg/s", "sd", "kPa", "MPa", "bar", "mbar", "L/min", "l/min", "m3/h", "kN", "Nm", "um",
        "um/s", "mm/s", "us", "ns", "kHz", "GHz", "uA", "uV", "kV", "kOhm", "uT", "mT", "degF", "kB", "MB", "MiB", "GiB", "mg", "t",
        "L", "ml", "mm2", "cm2", "mW",
    ];
}
