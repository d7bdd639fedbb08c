// Made from hardware/boards/esp32-gateway-1/board.json; GeneratedSourceTests holds the two equal.
namespace Broadcast.Firmware.Hardware;

/// <summary>Pins, scales and limits of the board.</summary>
internal static class Board
{
    internal const string Name = "esp32-gateway-1";
    internal const bool IsWifi = true;
    internal const int SirenPin = 26;
    internal const int SirenOnMsMax = 180_000;
    internal const int SirenRestMs = 30_000;
    internal const int AmplifierPin = 27;
    internal const int StatusPin = 25;
    internal const int StopPin = 13;
    internal const int StopSettleMs = 30;
    internal const bool StopClosedIsLow = true;
    internal const int TamperPin = 32;
    internal const int TamperSettleMs = 200;
    internal const bool TamperClosedIsLow = true;
    internal const int MainsPin = 4;
    internal const int MainsSettleMs = 100;
    internal const bool MainsClosedIsLow = true;
    internal const int RainPin = 33;
    internal const int RainSettleMs = 10;
    internal const bool RainClosedIsLow = true;
    internal const int RainTenthsATip = 2;
    internal const int RainStuckMs = 600_000;
    internal const int AdcOffsetMicrovolts = 142_000;
    internal const int AdcMicrovoltsACount = 806;
    internal const int LevelChannel = 6;
    internal const int LevelShuntOhms = 100;
    internal const int LevelMillimetresAtLow = 0;
    internal const int LevelMillimetresAtHigh = 10_000;
    internal const int BatteryChannel = 7;
    internal const int BatteryUpperOhms = 100_000;
    internal const int BatteryLowerOhms = 18_000;
    internal const int BatteryEmptyMillivolts = 10_800;
    internal const string SpeechChip = "SYN6288";
    internal const int SpeechTxPin = 18;
    internal const int SpeechRxPin = 19;
    internal const int SpeechBusyPin = 23;
    internal const int ServiceTxPin = 14;
    internal const int ServiceRxPin = 39;
    internal const int ServiceBaud = 115_200;
    internal const int I2cDataPin = 21;
    internal const int I2cClockPin = 22;
    internal const int ClockAddress = 104;
}
